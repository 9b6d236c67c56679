//! Plimsoll's own chores. `cargo xtask` alone lists them.
//!
//! The chores use the real tools of the field (mmdebstrap, umoci, skopeo, Docker Engine, the distribution registry)
//! and never a stand-in; what is missing is installed by name, or named. Everything they make is under `target/xtask`.

use std::process::ExitCode;

mod commands;
mod error;
mod images;
mod paths;
mod servers;
mod tools;

use error::{Error, Result};

const USAGE: &str = "\
cargo xtask test [--fast|--e2e]    format, lints, licences, unit, integration and end-to-end tests
                                   (--fast: no network, no servers, nothing installed;
                                   --e2e: the end-to-end tests alone)
cargo xtask demo                   an image made here and now, and what Plimsoll says of it
cargo xtask bench sbom [--runs N] [--peers none|pip|go]
                                   CPU, wall time and memory beside the floor and other tools
cargo xtask bench scan [--feeds DIR] [--grow N]
                                   the index of advisories: making it, opening it, asking it
cargo xtask bench layers [--runs N] [--dive]
                                   100,000 files of which a later layer deletes 2,000, beside the floor (and dive)
cargo xtask bench registry [--runs N]
                                   copies and look-ups beside skopeo and crane, with requests counted
cargo xtask bench running          200 containers of a real engine: which image each runs
cargo xtask bench pin [--runs N | --peer none]
                                   pinning 2,000 files, and another pinner on references that are easily got wrong
cargo xtask proof truth            our packages of real images beside what dpkg-query, npm, pip and gem list in them
cargo xtask proof counts           what the element checks of NTIA, FSCT3 and BSI say of our SBOMs and syft's
cargo xtask proof signatures       cosign verifies what we sign, and we verify what cosign signs
cargo xtask proof hostile          the program on every hostile image of the tests: time, memory, nothing left behind
cargo xtask rules                  docs/rules.md, made from the rules
cargo xtask images                 make the images of the demo, the benchmark and the tests, if they are not there
cargo xtask proof versions [--pairs N] [--only ORDER] [--record]
                                   our orders of versions against the tools that define them
cargo xtask floor [--longest] FILE...
                                   read layers as bare as can be: inflate, tar headers, both digests
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tools::say(format_args!("error: {error}"));
            ExitCode::from(if matches!(error, Error::Usage(_)) { 2 } else { 1 })
        }
    }
}

fn dispatch(words: &[&str]) -> Result<()> {
    match words {
        ["test"] => commands::test::everything(),
        ["test", "--fast"] => commands::test::fast(),
        ["test", "--e2e"] => commands::test::end_to_end(),
        ["demo"] => commands::demo::demo(),
        ["bench", "sbom", options @ ..] => commands::bench::sbom(options),
        ["bench", "scan", options @ ..] => commands::bench_scan::scan(options),
        ["bench", "layers", options @ ..] => commands::bench_layers::layers(options),
        ["matched", segment] => commands::bench_scan::matched(segment),
        ["bench", "running", options @ ..] => commands::bench_running::running(options),
        ["bench", "registry", options @ ..] => commands::bench_registry::bench(options),
        ["bench", "pin", options @ ..] => commands::pin::pin(options),
        ["proof", "truth"] => commands::truth::all(),
        ["proof", "counts"] => commands::counts::counts(),
        ["proof", "signatures"] => commands::proof::signatures::signatures(),
        ["proof", "hostile"] => commands::hostile::hostile(),
        ["images"] => commands::images::all(),
        ["rules"] => commands::rules::rules(),
        ["proof", "versions", options @ ..] => commands::proof::versions::versions(options),
        ["floor", files @ ..] if !files.is_empty() => commands::floor::floor(files),
        ["measured", command @ ..] => tools::measure::measured(command),
        _ => Err(Error::Usage(USAGE)),
    }
}
