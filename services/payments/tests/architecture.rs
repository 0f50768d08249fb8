//! The rooms of payments, and the arrows between them.

use testkit::architecture;

const PAYMENTS: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_domain_is_pure() {
    architecture::domain_is_pure(PAYMENTS);
}

#[test]
fn the_arrows_point_inwards() {
    architecture::arrows_point_inwards(PAYMENTS);
}

#[test]
fn files_are_short() {
    architecture::files_are_short(PAYMENTS);
}
