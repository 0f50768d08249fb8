//! SES reports that a mail did not arrive, or was not wanted: what was said of it is corrected, once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use jiff::{SignedDuration, Timestamp};
use notifications::domain::delivery::{Deliveries, Fact, LEASE, Outcome, apply, settle};
use notifications::domain::feedback::{Feedback, FeedbackOutcome, feedback};
use notifications::domain::ids::{AddressMark, ClaimId, CustomerId, OrderId, ResendId};
use notifications::domain::message::{CancelReason, Content, Failure, Fate, SendResult, State, Template};
use notifications::domain::resend::{Resend, Resending, resend, settle_resend};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const CANCELLED: Template = Template::OrderCancelled;

fn first() -> ClaimId {
    ClaimId::new(1)
}

fn fact() -> Fact {
    Fact { customer: CustomerId::new("ada"), content: Content::Cancelled(CancelReason::Customer) }
}

fn claimed() -> Deliveries {
    let none = Deliveries::none(OrderId::new("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10").unwrap());
    let Outcome::Claim { after, .. } = apply(&none, &fact(), first(), NOW) else { panic!("no claim") };
    after
}

fn settled(result: SendResult) -> Deliveries {
    settle(&claimed(), CANCELLED, result).0
}

#[test]
fn what_was_said_of_a_mail_is_corrected_and_published_once() {
    for (reported, failure) in [(Feedback::Bounced, Failure::Bounced), (Feedback::Complained, Failure::Complained)] {
        for before in [SendResult::Sent, SendResult::Unknown, SendResult::NotSent].map(settled) {
            let FeedbackOutcome::Correct { after, event } = feedback(&before, CANCELLED, first(), reported, NOW) else {
                panic!("{:?} is not corrected", before.state(CANCELLED))
            };
            assert_eq!((after.state(CANCELLED), event.fate), (State::Failed(failure), Fate::Failed(failure)));
            for again in [Feedback::Bounced, Feedback::Complained] {
                assert_eq!(feedback(&after, CANCELLED, first(), again, NOW), FeedbackOutcome::Nothing);
            }
            assert_eq!(apply(&after, &fact(), ClaimId::new(9), NOW), Outcome::Nothing, "a replay sends nothing");
        }
    }
}

#[test]
fn a_mail_that_failed_before_it_was_sent_stays_as_it_is() {
    for failure in [Failure::NoAddress, Failure::Refused] {
        let before = settled(SendResult::Failed(failure));
        assert_eq!(feedback(&before, CANCELLED, first(), Feedback::Bounced, NOW), FeedbackOutcome::Nothing);
    }
}

#[test]
fn race_a_report_that_overtakes_the_record_of_its_mail_waits() {
    assert_eq!(feedback(&claimed(), CANCELLED, first(), Feedback::Bounced, NOW), FeedbackOutcome::Wait);
}

/// The customer has left another address meanwhile, and the mail has arrived there.
#[test]
fn race_a_report_of_an_earlier_attempt_against_a_resend() {
    let (second, request) = (ClaimId::new(2), Resend { id: ResendId::new(1), note: "another address".into() });
    let before = settled(SendResult::Sent);
    let Ok(Resending::Claim(again)) = resend(&before, CANCELLED, &request, true, (second, NOW)) else {
        panic!("no claim")
    };
    assert_eq!(feedback(&again, CANCELLED, first(), Feedback::Bounced, NOW), FeedbackOutcome::Wait);
    let (sent, _) = settle_resend(&again, &before, CANCELLED, SendResult::Sent);
    assert_eq!(feedback(&sent, CANCELLED, first(), Feedback::Bounced, NOW), FeedbackOutcome::Nothing);
    let unwanted = feedback(&sent, CANCELLED, first(), Feedback::Complained, NOW);
    assert_eq!(unwanted, FeedbackOutcome::Stop, "the owner of the earlier address wants no mail");
    assert!(matches!(feedback(&sent, CANCELLED, second, Feedback::Bounced, NOW), FeedbackOutcome::Correct { .. }));
    let (not_sent, _) = settle_resend(&again, &before, CANCELLED, SendResult::NotSent);
    assert!(matches!(feedback(&not_sent, CANCELLED, first(), Feedback::Bounced, NOW), FeedbackOutcome::Correct { .. }));
}

/// SES took the mail before its sender died, so what SES reports of it is of this attempt.
#[test]
fn a_report_of_an_attempt_whose_sender_has_died_is_applied() {
    let (second, request) = (ClaimId::new(2), Resend { id: ResendId::new(1), note: "another address".into() });
    let before = settled(SendResult::Sent);
    let Ok(Resending::Claim(again)) = resend(&before, CANCELLED, &request, true, (second, NOW)) else {
        panic!("no claim")
    };
    let after = |attempt, now| feedback(&again, CANCELLED, attempt, Feedback::Bounced, now);
    assert_eq!(after(second, NOW + LEASE - SignedDuration::from_nanos(1)), FeedbackOutcome::Wait);
    let FeedbackOutcome::Correct { after: bounced, .. } = after(second, NOW + LEASE) else { panic!("it is blocked") };
    assert_eq!(bounced.state(CANCELLED), State::Failed(Failure::Bounced));
    assert_eq!(bounced.attempts[&CANCELLED], second);
    assert_eq!(after(first(), NOW + LEASE), FeedbackOutcome::Nothing, "the later mail may have arrived");
}

#[test]
fn a_mark_tells_addresses_apart_and_does_not_show_them() {
    let mark = AddressMark::of("canary@example.org");
    assert_eq!(mark, AddressMark::of("canary@example.org"));
    assert_ne!(mark, AddressMark::of("canary@example.com"));
    assert!(!format!("{mark} {mark:?}").contains("canary"));
}
