//! A flash sale with the limits of one item of DynamoDB: nobody is promised what is not there, everybody is answered, and
//! orders that share a transaction are answered sooner.

use simulation::flash_sale::{Design, Sale, sell};

const BUYERS: u32 = 2_000;
const PIECES: u32 = 100;

fn sold(design: Design, seed: u64) -> Sale {
    let sale = sell(design, BUYERS, PIECES, seed);
    assert_eq!((sale.reserved, sale.rejected, sale.left), (PIECES, BUYERS - PIECES, 0), "{design:?} {seed}: {sale:?}");
    sale
}

#[test]
fn orders_that_share_a_transaction_are_answered_three_times_as_fast_and_none_is_oversold() {
    for seed in 1..=20 {
        let (together, alone) = (sold(Design::Together, seed), sold(Design::Alone, seed));
        let times = together.rate() / alone.rate();
        assert!(times >= 3.0, "{times:.1} times as fast: {together:?} {alone:?}");
    }
}

#[test]
fn pieces_that_nobody_wants_are_left() {
    for design in [Design::Together, Design::Alone] {
        let sale = sell(design, 30, 100, 7);
        assert_eq!((sale.reserved, sale.rejected, sale.left), (30, 0, 70), "{design:?}");
    }
}

#[test]
fn the_same_seed_is_the_same_sale() {
    assert_eq!(sold(Design::Alone, 3), sold(Design::Alone, 3));
}
