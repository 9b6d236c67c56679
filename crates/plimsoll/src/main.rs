//! Plimsoll: a container image's whole lifecycle under deliberate, informed control.
//!
//! The only crate that prints, reads the environment or the clock. A command parses its arguments (`cli`), calls
//! `ops`, and renders what they give (`report`); it decides nothing itself.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod allocator;
mod cli;
mod failure;
mod interrupt;
mod map;
mod ops;
mod printer;
mod progress;
mod report;
mod surroundings;

use printer::Printer;
use std::process::ExitCode;
use surroundings::Surroundings;

fn main() -> ExitCode {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    allocator::settle();
    interrupt::install();
    let surroundings = Surroundings::read();
    cli::run(&surroundings, &mut Printer::new())
}
