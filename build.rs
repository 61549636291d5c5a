//! Compiles `proto/greenlane/v1` into Rust, without `protoc` on the machine.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

const PROTOS: [&str; 7] = ["common", "plan", "uplink", "console", "travellers", "proposals", "tape"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    if env::var_os("CARGO_FEATURE_SERVICE").is_none() {
        return Ok(());
    }
    let files = PROTOS.map(|name| format!("greenlane/v1/{name}.proto"));
    let descriptors = protox::compile(files, ["proto"])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("greenlane_descriptor.bin"), prost::Message::encode_to_vec(&descriptors))?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}
