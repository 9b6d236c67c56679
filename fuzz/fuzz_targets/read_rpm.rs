//! One file, as the Rpm reader's own.

#![no_main]

use libfuzzer_sys::fuzz_target;
use model::Ecosystem;

fuzz_target!(|data: &[u8]| fuzz::reader(
    Ecosystem::Rpm,
    &[
        "var/lib/rpm/rpmdb.sqlite",
        "var/lib/rpm/Packages.db",
        "var/lib/rpm/Packages",
        "var/lib/rpmmanifest/container-manifest-2",
        "var/lib/rpm/rpmdb.sqlite-wal"
    ],
    data
));
