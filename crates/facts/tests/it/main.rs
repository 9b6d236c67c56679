//! The facts room from outside: images made to deceive or to exhaust, and properties that hold for any image.

#![allow(clippy::print_stdout, reason = "says what it took")]

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
