//! The domain knows neither AWS nor the wire, neither the clock nor chance.

use std::fs;
use std::path::Path;

#[test]
fn the_domain_is_pure() {
    let domain = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain");
    let mut read = 0;
    for file in fs::read_dir(domain).unwrap() {
        let path = file.unwrap().path();
        let source = fs::read_to_string(&path).unwrap();
        for word in
            ["aws_", "contracts", "chassis", "serde", "async ", "now()", "now_v7", "new_v4", "std::env", "tokio"]
        {
            assert!(!source.contains(word), "{} mentions {word}", path.display());
        }
        read += 1;
    }
    assert!(read >= 2, "only {read} files were read");
}
