//! The rooms of the service and the arrows between them.

use testkit::architecture;

const ORDERS: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_domain_is_pure() {
    architecture::domain_is_pure(ORDERS);
}

#[test]
fn the_arrows_point_inwards() {
    architecture::arrows_point_inwards(ORDERS);
}

#[test]
fn no_file_is_long() {
    architecture::files_are_short(ORDERS);
}
