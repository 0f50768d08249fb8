//! The rooms of the service, and the arrows between them.

use testkit::architecture;

const SERVICE: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_domain_is_pure() {
    architecture::domain_is_pure(SERVICE);
}

#[test]
fn the_arrows_point_inwards() {
    architecture::arrows_point_inwards(SERVICE);
}

#[test]
fn files_are_short() {
    architecture::files_are_short(SERVICE);
}
