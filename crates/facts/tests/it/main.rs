//! The facts room from outside: images made to deceive or to exhaust, and properties that hold for any image.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a panic is the failure")]
#![allow(clippy::print_stdout, reason = "says what it took")]
#![allow(clippy::octal_escapes, reason = "tar headers hold a NUL before octal digits")]

mod archives;
mod build;
mod check;
mod databases;
mod links;
mod names;
mod programs;
mod properties;
mod reference;
mod shown;
mod streams;
mod whiteouts;
