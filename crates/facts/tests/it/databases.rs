//! Package databases and release files that are garbage, or not even files.

use crate::build::{device, dir, fifo, file, gzip_stream, header, one, padded, symlink, tar};
use crate::check::{SCALE, check, hostile};

const STATUS: &str = "var/lib/dpkg/status";
const GOOD: &str = "Package: a\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n\n";

/// More than one image may have.
const PACKAGES: usize = if SCALE == 1 { 700_000 } else { 100_100 };

/// A gzipped layer of one file of `size` bytes, written in pieces.
fn large(name: &str, size: u64, piece: &[u8]) -> Vec<u8> {
    gzip_stream(|into| {
        into.write_all(&header(name.as_bytes(), b'0', size, |_| {})).expect("in memory");
        let mut left = size;
        while left > 0 {
            let now = left.min(piece.len() as u64) as usize;
            into.write_all(&piece[..now]).expect("in memory");
            left -= now as u64;
        }
        into.write_all(&padded(&vec![0; size as usize % 512])[size as usize % 512..]).expect("in memory");
    })
}

/// `count` records, made by `record`.
fn records(name: &str, count: usize, record: impl Fn(usize) -> String) -> Vec<u8> {
    tar(&[file(name, (0..count).map(record).collect::<String>())])
}

hostile! {
    a_status_that_is_a_fifo: one(&[fifo(STATUS)]) => ["package-database a device or FIFO"] [];
    a_status_that_is_a_device: one(&[device(STATUS)]) => ["package-database a device or FIFO"] [];
    a_status_that_is_a_directory: one(&[dir(STATUS)]) => ["package-database directory"] [];
    a_status_that_is_a_loop: one(&[symlink(STATUS, "status")]) => ["package-database a link that leads nowhere"] [];
    a_status_that_dangles: one(&[symlink(STATUS, "/nowhere")]) => ["package-database a link that leads nowhere"] [];
    a_database_below_a_loop: one(&[symlink("var/lib/dpkg", "dpkg")]) => ["package-database a link that leads nowhere"] [];
    a_status_folder_that_is_a_fifo: one(&[fifo("var/lib/dpkg/status.d")]) => ["package-database a device or FIFO"] [];
    a_record_that_is_a_fifo: one(&[file("var/lib/dpkg/status.d/a", "Package: a\nVersion: 1\nArchitecture: all\n"), fifo("var/lib/dpkg/status.d/b")]) => ["package-database a device or FIFO"] ["/var/lib/dpkg/status.d/a"];
    a_database_folder_that_is_a_fifo: one(&[fifo("var/lib/dpkg")]) => ["package-database a device or FIFO"] [];
    a_database_folder_that_is_a_file: one(&[file("lib/apk/db", "x")]) => ["package-database a file"] ["/lib/apk/db"];
    an_apk_database_that_is_a_fifo: one(&[fifo("lib/apk/db/installed")]) => ["package-database"] [];
    an_apk_database_that_is_a_loop: one(&[symlink("lib/apk/db/installed", "installed")]) => ["package-database a link that leads nowhere"] [];
    an_rpm_database_that_is_a_device: one(&[device("var/lib/rpm/rpmdb.sqlite")]) => ["package-database"] [];
    an_rpm_database_that_is_a_loop: one(&[symlink("var/lib/rpm/rpmdb.sqlite", "rpmdb.sqlite")]) => ["package-database a link that leads nowhere"] [];
    an_rpm_database_that_is_a_directory: one(&[dir("var/lib/rpm/Packages")]) => ["package-database"] [];
    an_rpm_database_of_noise: one(&[file("var/lib/rpm/Packages.db", vec![0x5a; 20_000])]) => ["package-database"] ["/var/lib/rpm/Packages.db"];
    a_status_of_noise: one(&[file(STATUS, (0..60_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<_>>())]) =>
        ["package-database"] ["/var/lib/dpkg/status"];
    a_status_of_nuls: one(&[file(STATUS, vec![0; 50_000])]) => ["package-database"] ["/var/lib/dpkg/status"];
    a_status_with_nuls: one(&[file(STATUS, format!("{GOOD}Package: b\0\nVersion: 1\n\n"))]) => ["package-database"] ["/var/lib/dpkg/status"];
    a_status_of_one_line: vec![large(STATUS, 40 << 20, b"Package: aaaaaaaaaaaaaaaaaaaaaaa")] => ["package-database"] ["/var/lib/dpkg/status"];
    a_status_of_100_megabytes: vec![large(STATUS, 100 << 20, b"Package: aaaaaaaaaaaaaaaaaaaaaaa")] =>
        ["limit (kept_file_bytes)", "package-database not kept"] ["/var/lib/dpkg/status"];
    a_status_of_a_million_paragraphs: vec![records(STATUS, PACKAGES, |i| format!("Package: p{i}\nStatus: install ok installed\nVersion: 1\n\n"))] =>
        ["limit (packages)"] ["/var/lib/dpkg/status"];
    a_status_of_a_million_continuations: vec![records(STATUS, 1, |_| format!("Package: a\nStatus: install ok installed\nVersion: 1\nDescription: x\n{}\n", " y\n".repeat(1_000_000)))] =>
        ["package-database none of 1 records"] ["/var/lib/dpkg/status"];
    a_status_of_a_million_fields: vec![records(STATUS, 1, |_| format!("Package: a\nStatus: install ok installed\nVersion: 1\n{}\n", "X: y\n".repeat(1_000_000)))] =>
        ["package-database none of 1 records"] ["/var/lib/dpkg/status"];
    one_dependency_of_a_million: vec![records(STATUS, 1, |_| format!("Package: a\nStatus: install ok installed\nVersion: 1\nDepends: {}\n\n", "a, ".repeat(1_000_000)))] =>
        ["package-database none of 1 records"] ["/var/lib/dpkg/status"];
    many_that_provide_the_same: vec![records(STATUS, 50_000 / SCALE, |i| format!("Package: p{i}\nStatus: install ok installed\nVersion: 1\nProvides: v\nDepends: v\n\n"))] =>
        [] ["/var/lib/dpkg/status"];
    an_apk_database_of_a_million: vec![records("lib/apk/db/installed", PACKAGES, |i| format!("P:p{i}\nV:1\n\n"))] =>
        ["limit (packages)"] ["/lib/apk/db/installed"];
    apk_packages_that_provide_the_same: vec![records("lib/apk/db/installed", 50_000 / SCALE, |i| format!("P:p{i}\nV:1\np:v=1\nD:v\n\n"))] =>
        [] ["/lib/apk/db/installed"];
    an_apk_database_of_one_line: vec![large("lib/apk/db/installed", 40 << 20, b"P:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")] =>
        ["package-database"] ["/lib/apk/db/installed"];
    an_os_release_that_is_a_loop: one(&[symlink("etc/os-release", "os-release")]) => ["bad-record a link that leads nowhere"] [];
    a_list_of_composers_that_is_a_fifo: one(&[fifo("srv/vendor/composer/installed.json")]) => ["package-database a device or FIFO"] [];
    a_list_of_composers_that_is_a_folder: one(&[dir("srv/vendor/composer/installed.json")]) => ["package-database a directory"] [];
    a_list_of_composers_that_leads_nowhere: one(&[symlink("srv/vendor/composer/installed.json", "installed.json")]) => ["package-database a link that leads nowhere"] [];
    a_list_of_dotnets_that_is_a_fifo: one(&[fifo("app/x.deps.json")]) => ["package-database a device or FIFO"] [];
    a_list_of_dotnets_that_is_a_folder: one(&[dir("app/x.deps.json")]) => ["package-database a directory"] [];
    an_os_release_that_is_a_fifo: one(&[fifo("etc/os-release")]) => ["bad-record a device or FIFO"] [];
    an_os_release_of_noise: one(&[file("etc/os-release", vec![0xfe; 5000])]) => [] ["/etc/os-release"];
    a_passwd_that_is_a_loop: one(&[symlink("etc/passwd", "passwd")]) => [] [];
}

#[test]
fn a_thousand_states_of_one_database() {
    let installed = |n: usize| (0..n).map(|i| format!("P:p{i}\nV:1\n\n")).collect::<String>();
    let layers = (1..300 / SCALE).map(|n| tar(&[file("lib/apk/db/installed", installed(n * 10))])).collect();
    let facts = check(layers, &[], &["/lib/apk/db/installed"]);
    assert_eq!(facts.packages.len(), (300 / SCALE - 1) * 10);
}
