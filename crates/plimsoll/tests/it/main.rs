//! The program as a user meets it: exit code, stdout and stderr, in an empty environment and without a network.

#![allow(clippy::unwrap_used, reason = "a test that cannot set its stage should say so at once")]

mod affected;
mod base;
mod cache;
mod check;
mod copy;
mod decide;
mod decisions;
mod diff;
mod feeds;
mod fixture;
mod forged;
mod formats;
mod hostile;
mod inside;
mod inspect;
mod inspect_docker;
mod layers;
mod ledger;
mod lint;
mod login;
mod mislabelled;
mod mistakes;
mod output;
mod pin;
mod policy;
mod promote;
mod provenance;
mod reading;
mod resolve;
mod running;
mod sbom;
mod scan_outputs;
mod scanning;
mod shell;
mod signing;
mod tagging;
mod tags;
mod targets;
mod texts;
mod unread;
mod vantage;
