//! The checks of a service's rooms find what they are for.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on names the place")]

use std::fs;
use std::panic::catch_unwind;

use testkit::{architecture, unique};

/// A service with one source file; returns its folder.
fn service(file: &str, source: &str) -> String {
    let folder = std::env::temp_dir().join(unique("testkit"));
    for (name, text) in
        [("domain/order.rs", "pub struct Order;"), ("inbound/events.rs", "use crate::application;"), (file, source)]
    {
        let path = folder.join("src").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder.to_str().unwrap().to_owned()
}

fn finds(check: fn(&str), file: &str, source: &str) -> bool {
    let folder = service(file, source);
    let found = catch_unwind(|| check(&folder)).is_err();
    fs::remove_dir_all(folder).unwrap();
    found
}

#[test]
fn a_domain_knows_only_itself() {
    assert!(!finds(architecture::domain_is_pure, "domain/money.rs", "use super::order::Order;"));
    for impure in ["use aws_config::SdkConfig;", "use jiff::Timestamp; fn at() { now() }", "async fn load() {}"] {
        assert!(finds(architecture::domain_is_pure, "domain/deep/money.rs", impure), "{impure}");
    }
    for other in ["use crate::application::place;", "use crate::inbound::events;", "use crate::outbound::Store;"] {
        assert!(finds(architecture::domain_is_pure, "domain/money.rs", other), "{other}");
    }
    assert!(!finds(architecture::domain_is_pure, "domain/money.rs", "// the inbound:: room reads it"));
}

#[test]
fn no_room_imports_against_the_arrows() {
    let check = architecture::arrows_point_inwards;
    assert!(!finds(check, "application/place.rs", "use crate::outbound::Store;"));
    assert!(!finds(check, "inbound/http/list.rs", "use crate::application::list;"));
    assert!(finds(check, "inbound/http/list.rs", "use crate::outbound::Store;"));
    assert!(finds(check, "application/place.rs", "use crate::inbound::events;"));
    assert!(!finds(check, "outbound.rs", "use crate::domain::order::Order;"));
    assert!(finds(check, "outbound.rs", "use crate::inbound::events;"));
    assert!(finds(check, "outbound/store.rs", "use crate::application::place;"));
    assert!(finds(check, "outbound/store.rs", "fn at() { crate::application::place() }"));
}

#[test]
fn an_import_in_braces_is_seen() {
    let check = architecture::arrows_point_inwards;
    for against in [
        "use crate::{outbound as x};",
        "pub(super) use crate::{domain::order::Order, outbound};",
        "use crate::{\n    domain::order::Order,\n    outbound,\n};",
    ] {
        assert!(finds(check, "inbound/http.rs", against), "{against}");
    }
    assert!(finds(check, "application/place.rs", "use crate::{inbound as x};"));
    assert!(finds(check, "outbound.rs", "use crate::{application as x, domain};"));
    assert!(finds(architecture::domain_is_pure, "domain/money.rs", "use crate::{outbound as x};"));
    for own in ["use crate::{application, domain};", "use crate::application;\nfn f() { let outbound = 1; }"] {
        assert!(!finds(check, "inbound/http.rs", own), "{own}");
    }
    assert!(!finds(check, "outbound.rs", "use super::inbound_mail;"));
}

#[test]
fn a_file_has_three_hundred_lines() {
    assert!(!finds(architecture::files_are_short, "domain/long.rs", &"\n".repeat(300)));
    assert!(finds(architecture::files_are_short, "domain/long.rs", &"\n".repeat(301)));
}
