//! `contracts generate`: writes `schemas/` and `samples/` from the Rust types.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use contracts::catalogue;

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if env::args().nth(1).as_deref() == Some("generate") {
        return report(generate(root));
    }
    eprintln!("usage: contracts generate   writes schemas/ and samples/ from the Rust types");
    ExitCode::from(2)
}

fn generate(root: &Path) -> io::Result<usize> {
    let files = catalogue::files();
    for folder in ["schemas", "samples"] {
        let folder = root.join(folder);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
    }
    for (path, content) in &files {
        fs::write(root.join(path), content)?;
    }
    Ok(files.len())
}

fn report(written: io::Result<usize>) -> ExitCode {
    match written {
        Ok(count) => {
            println!("{count} files in contracts/schemas and contracts/samples");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("contracts: the generated files could not be written: {error}");
            ExitCode::FAILURE
        }
    }
}
