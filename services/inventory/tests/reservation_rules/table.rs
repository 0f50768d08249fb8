//! The two tables of the rules, a row for every state; and what each state is due and announced as.

use inventory::domain::ids::{ReservationId, Sku};
use inventory::domain::reservation::{
    Contradiction, End, Event, Fact, ReleaseCause, Reservation, Shortage, State, announce, due, next,
};
use inventory::domain::stock::Levels;

use super::world::{BEFORE, END, created, line, order};

fn missing() -> Vec<Shortage> {
    vec![Shortage { sku: Sku::trusted("tea"), requested: 1, available: Some(0) }]
}

/// A reservation of two lines; the tombstone of an order that was cancelled first has none.
fn reservation(state: State) -> Reservation {
    let tombstone = state == State::Released(ReleaseCause::NeverReserved);
    let lines = if tombstone { Vec::new() } else { vec![line("mug", 2), line("tea", 1)] };
    let (order, expires_at) = (order("a"), (!tombstone).then_some(END));
    Reservation { id: ReservationId::derive(&order), order, lines, expires_at, state }
}

fn word(event: &Event) -> &'static str {
    match event {
        Event::Reserved => "reserved",
        Event::Rejected(_) => "rejected",
        Event::Released(ReleaseCause::Cancelled) => "released",
        Event::Released(ReleaseCause::Expired) => "expired",
        Event::Released(ReleaseCause::NeverReserved) => "never",
        Event::Committed => "sold",
    }
}

fn answer(seen: Option<&State>, fact: &Fact) -> &'static str {
    let seen = seen.map(|state| reservation(state.clone()));
    match next(&order("a"), seen.as_ref(), fact, &Levels::new()) {
        Ok(None) => "-",
        Ok(Some(step)) => word(&step.event.expect("two lines are moved in one step")),
        Err(Contradiction::ConfirmedWithoutHold) => "no hold!",
        Err(Contradiction::CancelledAfterCommit) => "sold!",
    }
}

fn releasing(end: End) -> State {
    State::Releasing { held: 1, end }
}

#[test]
fn race_cancel_before_order_created() {
    let facts = [created(&[("mug", 2), ("tea", 1)]), Fact::Cancelled];
    #[rustfmt::skip]
    let table = [
        //                                                     created     cancelled
        (None,                                                ["reserved", "never"]),
        (Some(State::Reserving { held: 1 }),                  ["reserved", "released"]),
        (Some(State::Reserved),                               ["-",        "released"]),
        (Some(releasing(End::Cancelled)),                     ["released", "released"]),
        (Some(releasing(End::Expired)),                       ["expired",  "expired"]),
        (Some(releasing(End::Rejected(missing()))),           ["rejected", "rejected"]),
        (Some(State::Released(ReleaseCause::Cancelled)),      ["-",        "-"]),
        (Some(State::Released(ReleaseCause::Expired)),        ["-",        "-"]),
        (Some(State::Released(ReleaseCause::NeverReserved)),  ["-",        "-"]),
        (Some(State::Rejected(missing())),                    ["-",        "-"]),
        (Some(State::Committed),                              ["-",        "sold!"]),
    ];
    for (state, expected) in table {
        let answers = facts.each_ref().map(|fact| answer(state.as_ref(), fact));
        assert_eq!(answers, expected, "{state:?}");
    }
}

#[test]
fn race_expiry_against_commit_in_every_state() {
    let facts = [Fact::Confirmed, Fact::Due(BEFORE), Fact::Due(END)];
    #[rustfmt::skip]
    let table = [
        //                                                     confirmed   too early   due
        (None,                                                ["no hold!", "-",        "-"]),
        (Some(State::Reserving { held: 1 }),                  ["no hold!", "-",        "expired"]),
        (Some(State::Reserved),                               ["sold",     "-",        "expired"]),
        (Some(releasing(End::Cancelled)),                     ["no hold!", "released", "released"]),
        (Some(releasing(End::Expired)),                       ["expired",  "expired",  "expired"]),
        (Some(releasing(End::Rejected(missing()))),           ["no hold!", "rejected", "rejected"]),
        (Some(State::Released(ReleaseCause::Cancelled)),      ["no hold!", "-",        "-"]),
        (Some(State::Released(ReleaseCause::Expired)),        ["-",        "-",        "-"]),
        (Some(State::Released(ReleaseCause::NeverReserved)),  ["no hold!", "-",        "-"]),
        (Some(State::Rejected(missing())),                    ["no hold!", "-",        "-"]),
        (Some(State::Committed),                              ["-",        "-",        "-"]),
    ];
    for (state, expected) in table {
        let answers = facts.each_ref().map(|fact| answer(state.as_ref(), fact));
        assert_eq!(answers, expected, "{state:?}");
    }
}

#[test]
fn a_reservation_with_pieces_is_due_when_its_hold_ends_and_one_that_ended_is_announced_as_it_was_published() {
    let releasing = |end| State::Releasing { held: 1, end };
    let table = [
        (State::Reserving { held: 1 }, true, None, 1),
        (State::Reserved, true, Some("reserved"), 2),
        (releasing(End::Cancelled), true, None, 1),
        (releasing(End::Expired), true, None, 1),
        (releasing(End::Rejected(missing())), true, None, 1),
        (State::Released(ReleaseCause::Cancelled), false, Some("released"), 0),
        (State::Released(ReleaseCause::Expired), false, Some("expired"), 0),
        (State::Released(ReleaseCause::NeverReserved), false, Some("never"), 0),
        (State::Rejected(missing()), false, Some("rejected"), 0),
        (State::Committed, false, Some("sold"), 0),
    ];
    for (state, is_due, announced, held) in table {
        let reservation = reservation(state);
        assert_eq!(due(&reservation), is_due.then_some(END), "{:?}", reservation.state);
        assert_eq!(announce(&reservation).as_ref().map(word), announced, "{:?}", reservation.state);
        assert_eq!(reservation.held(), held, "{:?}", reservation.state);
    }
}
