//! The ledger on a real PostgreSQL: the suite that the crate runs on SQLite, word for word; and the program with it.

#![allow(clippy::unwrap_used, reason = "a test that cannot set its stage should say so at once")]

#[path = "../../../ledger/tests/suite/mod.rs"]
mod suite;

use crate::parts;
use crate::program::Plimsoll;

/// A database of its own for each test.
struct Database(String);

impl suite::Fresh for Database {
    fn new(test: &str) -> Self {
        let admin = parts::postgres();
        let name = format!("plimsoll_{test}");
        suite::raw(&admin, &format!("DROP DATABASE IF EXISTS {name}")).unwrap();
        suite::raw(&admin, &format!("CREATE DATABASE {name}")).unwrap();
        let (server, _) = admin.rsplit_once('/').unwrap();
        Self(format!("{server}/{name}"))
    }

    fn url(&self) -> String {
        self.0.clone()
    }
}

suite::every_test!(Database);

#[test]
fn the_program_records_and_verifies_there() {
    let database = <Database as suite::Fresh>::new("program");
    let folder = parts::folder("ledger-postgres");
    let repository = format!("{}/e2e/recorded", parts::registry());
    let layout = format!("oci:{}:latest", parts::image().join("layout").display());
    parts::skopeo(&["copy", "--quiet", "--dest-tls-verify=false", &layout, &format!("docker://{repository}:1.0.0")]);
    let plimsoll = Plimsoll::cold(&folder);
    let ask = |words: &[&str]| plimsoll.ask(&[words, &["--ledger", &database.0]].concat());
    let watched = ask(&["tags", "watch", "--once", &repository]);
    assert_eq!(watched.code, 0, "{}", watched.talk);
    let verified = ask(&["ledger", "verify"]);
    assert_eq!(verified.code, 0, "{}", verified.talk);
    let status = String::from_utf8(ask(&["ledger", "status"]).out).unwrap();
    assert!(status.starts_with("postgres://postgres@127.0.0.1:"), "{status}");
    assert!(!status.contains("throw-away"), "the password is not shown");
    assert_eq!(ask(&["ledger", "backup", "copy"]).code, 2);
    assert!(!folder.join("home/ledger.db").exists());
}
