//! The ledger on SQLite. The same suite runs on PostgreSQL in the program's end-to-end tests.

#![allow(missing_docs, unreachable_pub, reason = "tests")]
#![allow(clippy::unwrap_used, reason = "a test that cannot set its stage should say so at once")]

#[path = "../suite/mod.rs"]
mod suite;

mod sqlite {
    use super::suite;

    /// A ledger of its own for each test.
    struct File(tempfile::TempDir);

    impl suite::Fresh for File {
        fn new(_test: &str) -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn url(&self) -> String {
            format!("sqlite:{}", self.0.path().join("state/ledger.db").display())
        }
    }

    suite::every_test!(File);

    #[test]
    fn its_folder_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let file = <File as suite::Fresh>::new("");
        ledger::Ledger::open(&suite::Fresh::url(&file)).unwrap();
        let mode = file.0.path().join("state").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_file_that_is_no_database_is_an_error_and_stays_as_it_is() {
        let file = <File as suite::Fresh>::new("");
        let path = file.0.path().join("notes.txt");
        std::fs::write(&path, "these are notes, and no ledger at all").unwrap();
        assert!(ledger::Ledger::open(path.to_str().unwrap()).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "these are notes, and no ledger at all");
    }

    #[test]
    fn where_there_is_none_none_is_made_to_read() {
        let file = <File as suite::Fresh>::new("");
        let place: ledger::Place = suite::Fresh::url(&file).parse().unwrap();
        assert!(ledger::Ledger::open_if_there(&place).unwrap().is_none());
        assert!(!file.0.path().join("state").exists());
        ledger::Ledger::open_at(&place).unwrap();
        assert!(ledger::Ledger::open_if_there(&place).unwrap().is_some());
    }
}
