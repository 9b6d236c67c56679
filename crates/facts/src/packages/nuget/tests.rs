use super::*;
use crate::testing;

const APP: &str = r#"{"runtimeTarget":{"name":".NETCoreApp,Version=v8.0/linux-x64","signature":""},"targets":{
  ".NETCoreApp,Version=v8.0":{},
  ".NETCoreApp,Version=v8.0/linux-x64":{
    "App/1.0.0":{"dependencies":{"Meta":"1.0.0","Serilog":"3.1.1"},"runtime":{"App.dll":{}}},
    "Meta/1.0.0":{"dependencies":{"newtonsoft.json":"13.0.3","Meta":"1.0.0"}},
    "Newtonsoft.Json/13.0.3":{"runtime":{"lib/net6.0/Newtonsoft.Json.dll":{"assemblyVersion":"13.0.0.0"}}},
    "Serilog/3.1.1":{"runtime":{"lib/net7.0/Serilog.dll":{}}},
    "Humanizer.fr/2.14.1":{"resources":{"lib/net6.0/fr/Humanizer.resources.dll":{"locale":"fr"}}},
    "SQLite/2.1.6":{"runtimeTargets":{"runtimes/linux-x64/native/libe_sqlite3.so":{"rid":"linux-x64","assetType":"native"}}},
    "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1":{"runtime":{"System.Runtime.dll":{}},"native":{"libclrjit.so":{}}}}},
  "libraries":{"App/1.0.0":{"type":"project","serviceable":false,"sha512":""},
    "Newtonsoft.Json/13.0.3":{"type":"package","serviceable":true,"sha512":"sha512-HrC5"},
    "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1":{"type":"runtimepack"}}}"#;

#[test]
fn what_was_shipped_and_nothing_else() {
    let reading = testing::read(
        &READER,
        &[
            ("app/App.deps.json", APP.as_bytes()),
            ("app/App.dll", b"MZ"),
            ("app/Newtonsoft.Json.dll", b"MZ"),
            ("app/fr/Humanizer.resources.dll", b"MZ"),
            ("app/runtimes/linux-x64/native/libe_sqlite3.so", b"\x7fELF"),
            ("app/libclrjit.so", b"\x7fELF"),
            ("other/Serilog.dll", b"MZ"),
        ],
    );
    let expected = "pkg:generic/App@1.0.0 (/app/App.deps.json)\n\
        pkg:nuget/Humanizer.fr@2.14.1 (/app/App.deps.json)\n\
        pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@8.0.1 (/app/App.deps.json)\n\
        pkg:nuget/Newtonsoft.Json@13.0.3 (/app/App.deps.json)\n\
        pkg:nuget/SQLite@2.1.6 (/app/App.deps.json)";
    assert_eq!(testing::summary(&reading), expected);
    // Through the meta-package that is not there, in whatever case.
    let names: Vec<&str> =
        reading.found[0].depends_on.iter().map(|d| reading.found[*d].package.name.as_str()).collect();
    assert_eq!(names, ["Newtonsoft.Json"]);
}

/// `testdata/nuget`: lists of real installations, each with the files that lie beside it.
#[test]
fn real_lists() {
    for (folder, list, files, expected) in [
        (
            "dotnet/shared/Microsoft.NETCore.App/3.1.23/Microsoft.NETCore.App.deps.json",
            include_bytes!("../../../../../testdata/nuget/Microsoft.NETCore.App.deps.json").as_slice(),
            include_str!("../../../../../testdata/nuget/Microsoft.NETCore.App.files"),
            "pkg:nuget/Microsoft.NETCore.App@3.1.23 pkg:nuget/runtime.linux-x64.Microsoft.NETCore.App@3.1.23-servicing.22122.4 \
             pkg:nuget/runtime.linux-x64.Microsoft.NETCore.DotNetHostPolicy@3.1.23",
        ),
        (
            "pythonnet/runtime/Python.Runtime.deps.json",
            include_bytes!("../../../../../testdata/nuget/Python.Runtime.deps.json"),
            include_str!("../../../../../testdata/nuget/Python.Runtime.files"),
            "pkg:generic/Python.Runtime@3.2.1",
        ),
    ] {
        let parent = folder.rsplit_once('/').unwrap().0;
        let paths: Vec<String> = files.lines().map(|f| format!("{parent}/{f}")).collect();
        let mut all: Vec<(&str, &[u8])> = paths.iter().map(|p| (p.as_str(), b"MZ".as_slice())).collect();
        all.push((folder, list));
        let reading = testing::read(&READER, &all);
        let mut purls: Vec<&str> = reading.found.iter().map(|f| f.package.purl.as_str()).collect();
        purls.sort_unstable();
        assert_eq!(purls.join(" "), expected);
        assert!(reading.unknowns.is_empty());
    }
}

/// What other readers keep once counted as broken lists, and a long dpkg status as a limit.
#[test]
fn files_of_other_readers_are_left_alone() {
    let long = "ID=debian\n".repeat(MAX_JSON / 10 + 1);
    for text in ["ID=debian\n", &long] {
        let reading = testing::read(&READER, &[("etc/os-release", text.as_bytes())]);
        assert_eq!(testing::summary(&reading), "");
    }
}

#[test]
fn hostile_lists() {
    let check = |json: &str, expected: &str| {
        let files: [(&str, &[u8]); 2] = [("a/x.deps.json", json.as_bytes()), ("a/x.dll", b"MZ")];
        assert_eq!(testing::summary(&testing::read(&READER, &files)), expected);
    };
    check("", "? package-database: the list of .NET packages makes no sense at line 1, column 0 in /a/x.deps.json");
    check("{", "? package-database: the list of .NET packages makes no sense at line 1, column 1 in /a/x.deps.json");
    check(
        r#"{"targets":7}"#,
        "? package-database: the list of .NET packages makes no sense at line 1, column 12 in /a/x.deps.json",
    );
    check(
        &format!("{{\"targets\":{}", "[".repeat(10_000)),
        "? package-database: the list of .NET packages makes no sense at line 1, column 11 in /a/x.deps.json",
    );
    check(
        r#"{"targets":{"t":{"a\u001bb/1":{"runtime":{"x.dll":{}}},"c/../1":{"runtime":{"../../x.dll":{}}}}}}"#,
        r"? bad-record: an impossible name in the list of .NET packages: `a\x1bb/1` in /a/x.deps.json
? bad-record: an impossible name in the list of .NET packages: `c/../1` in /a/x.deps.json",
    );
    check("[1]", "");
    check("{}", "");
    let long = format!("{{\"x\":\"{}\"}}", "y".repeat(MAX_JSON));
    check(
        &long,
        &format!("? limit: a list of .NET packages of {} bytes, more than {MAX_JSON} in /a/x.deps.json", long.len()),
    );
}
