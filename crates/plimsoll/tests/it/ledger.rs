//! `plimsoll ledger`: status, verify, checkpoint, backup, export.

use crate::fixture::{Packing, Registry, Sandbox, good, parsed};
use crate::formats::fits;
use sqlx::{ConnectOptions as _, Connection as _};

fn stage() -> (Registry, Sandbox) {
    let registry = Registry::new();
    let mut sandbox = Sandbox::new();
    sandbox.filter(&registry.host(), "r.example");
    for tag in ["1", "2", "3"] {
        registry.push("app", tag, good().env(&format!("TAG={tag}")).stored(Packing::Plain));
    }
    sandbox.run(&format!("tags watch --once {}/app", registry.host())).data(0);
    (registry, sandbox)
}

/// Changes the file as whoever may write it can.
fn tamper(sandbox: &Sandbox, sql: &'static str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(sandbox.path("../home/ledger.db"));
        let mut conn = options.connect().await.unwrap();
        sqlx::raw_sql("DROP TRIGGER observations_stay; DROP TRIGGER observations_remain;")
            .execute(&mut conn)
            .await
            .unwrap();
        sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
    });
}

#[test]
fn an_altered_row_is_named_and_fails() {
    let (_registry, sandbox) = stage();
    assert!(sandbox.run("ledger verify").data(0).ends_with("in 1 repository: as they were written\n"));
    tamper(&sandbox, "UPDATE observations SET seen = seen - 1 WHERE sequence = 2");
    let run = sandbox.run("ledger verify");
    assert_eq!(run.code, 1, "{run}");
    assert!(run.stdout.starts_with("r.example/app row 2: the field `seen` was altered\n"), "{run}");
    let document = parsed(&sandbox.run("ledger verify --json").data(1));
    fits(include_str!("../../../../docs/formats/ledger-verify-v1.schema.json"), &document);
    assert_eq!((&document["problems"][0]["row"], &document["problems"][0]["field"]), (&2.into(), &"seen".into()));
}

#[test]
fn a_missing_end_is_found_by_a_checkpoint() {
    let (_registry, sandbox) = stage();
    sandbox.run("ledger checkpoint -o kept").data(0);
    assert!(sandbox.read("kept").starts_with("plimsoll.ledger.checkpoint/1 1\n3 "));
    assert_eq!(sandbox.run("ledger verify --checkpoint kept").code, 0);
    tamper(&sandbox, "DELETE FROM observations WHERE sequence = 3");
    assert_eq!(sandbox.run("ledger verify").code, 0);
    let run = sandbox.run("ledger verify --checkpoint kept");
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("it ends at row 2, and the checkpoint has 3"), "{run}");
    sandbox.write("bad", "plimsoll.ledger.checkpoint/1 9\n");
    let run = sandbox.run("ledger verify --checkpoint bad");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("0 repositories are listed, and line 1 says 9"), "{run}");
}

#[test]
fn a_backup_is_a_whole_ledger_and_overwrites_nothing() {
    let (_registry, sandbox) = stage();
    sandbox.run("ledger backup copy.db").data(0);
    assert_eq!(sandbox.run("ledger backup copy.db").code, 2);
    sandbox.run("ledger verify --ledger copy.db").data(0);
    let of = |args: &str| sandbox.run(args).data(0);
    assert_eq!(of("ledger export"), of("ledger export --ledger copy.db"));
}

#[test]
fn an_export_is_a_line_a_row() {
    let (_registry, sandbox) = stage();
    let export = sandbox.run("ledger export").data(0);
    assert_eq!(export.lines().count(), 3);
    for line in export.lines() {
        fits(include_str!("../../../../docs/formats/ledger-row-v1.schema.json"), &parsed(line));
    }
    fits(
        include_str!("../../../../docs/formats/ledger-status-v1.schema.json"),
        &parsed(&sandbox.run("ledger status --json").data(0)),
    );
    assert_eq!(sandbox.run("ledger export --repository none/such").data(0), "");
}

#[test]
fn the_policy_may_name_the_ledger_and_passwords_are_not_shown() {
    let (registry, sandbox) = stage();
    sandbox.write("team/plimsoll.toml", "[ledger]\nurl = \"tags.db\"\n");
    let args = format!("tags watch --once {}/app", registry.host());
    let run = sandbox.run_command(&mut sandbox.command_in(&sandbox.path("team"), &args));
    assert_eq!(run.code, 0, "{run}");
    assert!(sandbox.path("team/tags.db").exists());
    let run = sandbox.run("ledger status --ledger postgres://me:hunter2@127.0.0.1:1/x");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("postgres://me@127.0.0.1:1/x") && !run.stderr.contains("hunter2"), "{run}");
    let run = sandbox.run("ledger status --ledger mysql://me:hunter2@h/x");
    assert!(run.code == 2 && !run.stderr.contains("hunter2"), "{run}");
}
