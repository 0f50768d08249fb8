//! The domain knows neither AWS nor the wire, neither the clock nor chance.

use std::fs;
use std::path::Path;

#[test]
fn the_domain_is_pure() {
    let domain = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain");
    let topics = ["charge", "refund"].map(|topic| domain.join(topic));
    let mut read = 0;
    for path in topics.iter().chain([&domain]).flat_map(|folder| fs::read_dir(folder).unwrap()) {
        let path = path.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        for answer in
            ["aws_", "contracts", "chassis", "serde", "async ", "now()", "now_v7", "new_v4", "std::env", "tokio"]
        {
            assert!(!source.contains(answer), "{} mentions {answer}", path.display());
        }
        read += 1;
    }
    assert!(read >= 9, "only {read} files were read");
}
