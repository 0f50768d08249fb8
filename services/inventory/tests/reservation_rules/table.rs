//! Every state against every fact.

use std::collections::BTreeMap;

use inventory::domain::ids::{ReservationId, Sku};
use inventory::domain::reservation::{
    Contradiction, End, Event, Fact, Release, Reservation, Shortage, State, announce, due, next,
};
use inventory::domain::stock::Level;

use super::world::{BEFORE, END, created, line, order};

fn missing() -> Vec<Shortage> {
    vec![Shortage { sku: Sku::trusted("tea"), requested: 1, available: Some(0) }]
}

/// A reservation of two lines; the tombstone of an order that was cancelled first has none.
fn reservation(state: State) -> Reservation {
    let tombstone = state == State::Released(Release::NeverReserved);
    let lines = if tombstone { Vec::new() } else { vec![line("mug", 2), line("tea", 1)] };
    let (order, expires_at) = (order("a"), (!tombstone).then_some(END));
    Reservation { id: ReservationId::derive(&order), order, lines, expires_at, state }
}

fn word(event: &Event) -> &'static str {
    match event {
        Event::Reserved => "reserved",
        Event::Rejected(_) => "rejected",
        Event::Released(Release::Cancelled) => "released",
        Event::Released(Release::Expired) => "expired",
        Event::Released(Release::NeverReserved) => "never",
        Event::Committed => "sold",
    }
}

fn answer(seen: Option<&State>, fact: &Fact) -> &'static str {
    let levels = ["mug", "tea"].map(|sku| (Sku::trusted(sku), Level { available: 9, reserved: 3 }));
    let seen = seen.map(|state| reservation(state.clone()));
    match next(&order("a"), seen.as_ref(), fact, &BTreeMap::from(levels)) {
        Ok(None) => "-",
        Ok(Some(step)) => word(&step.event.expect("two lines are moved in one step")),
        Err(Contradiction::ConfirmedWithoutHold) => "no hold!",
        Err(Contradiction::CancelledAfterCommit) => "sold!",
    }
}

#[test]
fn every_state_answers_every_fact() {
    let facts =
        [created(&[("mug", 2), ("tea", 1)]), Fact::Confirmed, Fact::Cancelled, Fact::Due(BEFORE), Fact::Due(END)];
    let releasing = |end| Some(State::Releasing { held: 1, end });
    let released = |why| Some(State::Released(why));
    #[rustfmt::skip]
    let table = [
        //                                           created     confirmed   cancelled   too early   due
        (None,                                     ["reserved", "no hold!", "never",    "-",        "-"]),
        (Some(State::Holding { held: 1 }),         ["reserved", "no hold!", "released", "-",        "expired"]),
        (Some(State::Reserved),                    ["-",        "sold",     "released", "-",        "expired"]),
        (releasing(End::Cancelled),                ["released", "no hold!", "released", "released", "released"]),
        (releasing(End::Expired),                  ["expired",  "expired",  "expired",  "expired",  "expired"]),
        (releasing(End::Rejected(missing())),      ["rejected", "no hold!", "rejected", "rejected", "rejected"]),
        (Some(State::Committing { held: 1 }),      ["sold",     "sold",     "sold!",    "sold",     "sold"]),
        (released(Release::Cancelled),             ["-",        "no hold!", "-",        "-",        "-"]),
        (released(Release::Expired),               ["-",        "-",        "-",        "-",        "-"]),
        (released(Release::NeverReserved),         ["-",        "no hold!", "-",        "-",        "-"]),
        (Some(State::Rejected(missing())),         ["-",        "no hold!", "-",        "-",        "-"]),
        (Some(State::Committed),                   ["-",        "-",        "sold!",    "-",        "-"]),
    ];
    for (state, wanted) in table {
        let answers = facts.each_ref().map(|fact| answer(state.as_ref(), fact));
        assert_eq!(answers, wanted, "{state:?}");
    }
}

#[test]
fn what_holds_pieces_is_due_when_the_hold_ends_and_what_has_ended_is_told_again_as_it_was_told() {
    let releasing = |end| State::Releasing { held: 1, end };
    let table = [
        (State::Holding { held: 1 }, true, None, 1),
        (State::Reserved, true, Some("reserved"), 2),
        (releasing(End::Cancelled), true, None, 1),
        (releasing(End::Expired), true, None, 1),
        (releasing(End::Rejected(missing())), true, None, 1),
        (State::Committing { held: 1 }, true, None, 1),
        (State::Released(Release::Cancelled), false, Some("released"), 0),
        (State::Released(Release::Expired), false, Some("expired"), 0),
        (State::Released(Release::NeverReserved), false, Some("never"), 0),
        (State::Rejected(missing()), false, Some("rejected"), 0),
        (State::Committed, false, Some("sold"), 0),
    ];
    for (state, waits, told, held) in table {
        let reservation = reservation(state);
        assert_eq!(due(&reservation), waits.then_some(END), "{:?}", reservation.state);
        assert_eq!(announce(&reservation).as_ref().map(word), told, "{:?}", reservation.state);
        assert_eq!(reservation.held(), held, "{:?}", reservation.state);
    }
}
