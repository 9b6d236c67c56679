//! `cargo xtask bench scan`: what the index of advisories costs to make, to open and to ask.
//!
//! `--feeds DIR` names a folder in OSV's layout that is whole; without it the small sample of the tests is measured.
//! `--grow N` makes N records of those by giving copies other ids and package names, and measures that too.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use advisories::matching::{Query, ask, key};
use advisories::{Index, Segment, ecosystem};

use crate::error::{Error, Result};
use crate::paths;
use crate::tools::measure::cost;
use crate::tools::{cargo, print, run, say};

/// Seconds that packages are asked about.
const ASKING: f64 = 3.0;

/// Measures.
pub(crate) fn scan(options: &[&str]) -> Result<()> {
    let (mut feeds, mut grow) = (paths::workspace().join("testdata/advisories"), None);
    for pair in options.chunks(2) {
        match *pair {
            ["--feeds", folder] => feeds = PathBuf::from(folder),
            ["--grow", number] => {
                let wanted = Error::Option { option: "--grow", wanted: "a number of records" };
                grow = Some(number.parse::<usize>().map_err(|_| wanted)?);
            }
            _ => return Err(Error::Option { option: "bench scan", wanted: "--feeds DIR or --grow N" }),
        }
    }
    let program = cargo::release()?;
    run(&mut cargo::cargo(&["build", "--quiet", "--release", "--package", "xtask"]))?;
    let meter = cargo::target().join("release/xtask");
    print(format_args!("| index | records | CPU s | wall s | memory MB | on disk MB | packages/s, one core |"));
    print(format_args!("|---|---:|---:|---:|---:|---:|---:|"));
    one("as given", &feeds, &program, &meter)?;
    if let Some(records) = grow {
        let folder = grown(&feeds, records)?;
        one("grown", &folder, &program, &meter)?;
    }
    Ok(())
}

fn one(name: &str, feeds: &Path, program: &Path, meter: &Path) -> Result<()> {
    let home = paths::fresh("bench-scan")?;
    let mut command = Command::new(program);
    command.args(["db", "update"]).arg(format!("osv={}", feeds.display())).env("PLIMSOLL_HOME", &home);
    let built = cost(meter, &command)?;
    let segment = segment(&home.join("advisories"))?;
    let size = segment.metadata().map_err(Error::file(&segment))?.len();
    let asked = crate::tools::output(Command::new(meter).arg("matched").arg(&segment))?;
    let (records, speed) = asked.trim().split_once(' ').unwrap_or(("?", "?"));
    print(format_args!(
        "| {name} | {records} | {:.2} | {:.2} | {:.0} | {:.1} | {speed} |",
        built.cpu,
        built.wall,
        built.memory as f64 / 1e6,
        size as f64 / 1e6
    ));
    small_scan(program, meter, &home)
}

/// A whole process that opens the index and judges a handful of packages, warm.
fn small_scan(program: &Path, meter: &Path, home: &Path) -> Result<()> {
    let root = paths::fresh("bench-root")?;
    paths::write(&root.join("etc/os-release"), "ID=debian\nVERSION_ID=\"12\"\n")?;
    let record = "Package: curl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 7.88.1-10+deb12u5\n\n";
    paths::write(&root.join("var/lib/dpkg/status"), record)?;
    let mut best = f64::MAX;
    for _ in 0..20 {
        let mut command = Command::new(program);
        command.arg("scan").arg(format!("dir:{}", root.display())).env("PLIMSOLL_HOME", home);
        best = best.min(cost(meter, &command)?.wall);
    }
    say(format_args!("`plimsoll scan` of a root with one package, whole process, best of 20: {:.1} ms", best * 1e3));
    Ok(())
}

fn segment(folder: &Path) -> Result<PathBuf> {
    let entries = folder.read_dir().map_err(Error::file(folder))?;
    let found = entries.flatten().map(|e| e.path()).find(|p| p.extension().is_some_and(|e| e == "seg"));
    found.ok_or(Error::Layout { path: folder.to_path_buf(), what: "it holds no segment" })
}

/// `xtask matched SEGMENT`: statements in it, and packages a second that one core asks it about.
pub(crate) fn matched(path: &str) -> Result<()> {
    let path = Path::new(path);
    let bytes = std::fs::read(path).map_err(Error::file(path))?;
    let broken = |_| Error::Layout { path: path.to_path_buf(), what: "it is no segment" };
    let segment = Segment::open(&bytes).map_err(broken)?;
    let index = Index::new(vec![segment]).map_err(|_| Error::Layout { path: path.into(), what: "it is damaged" })?;
    let list = paths::read(&paths::workspace().join("testdata/advisories/packages.tsv"))?;
    let rows: Vec<Vec<&str>> = list.lines().map(|line| line.split('\t').collect()).collect();
    let queries: Vec<(Vec<u8>, Query<'_>)> = rows.iter().filter_map(|row| query(row)).collect();
    let start = Instant::now();
    let (mut asked, mut hits) = (0_u64, 0_u64);
    while start.elapsed().as_secs_f64() < ASKING {
        for (key, query) in &queries {
            let answer =
                ask(&index, key, query).map_err(|_| Error::Layout { path: path.into(), what: "it is damaged" })?;
            hits += answer.hits.len() as u64;
            asked += 1;
        }
    }
    say(format_args!("{} packages a round, {} hits", queries.len(), hits / (asked / queries.len() as u64).max(1)));
    print(format_args!("{} {:.0}", index.statements(), asked as f64 / start.elapsed().as_secs_f64()));
    Ok(())
}

fn query<'r>(row: &'r [&'r str]) -> Option<(Vec<u8>, Query<'r>)> {
    let [world, name, version] = *row else { return None };
    let order = ecosystem::world(world)?.order;
    Some((key(world, name), Query { world, name, version, order, module: "" }))
}

/// Copies of every record, with other ids and names, until there are `records`.
fn grown(feeds: &Path, records: usize) -> Result<PathBuf> {
    let folder = paths::fresh("grown")?;
    let mut archives = Vec::new();
    let mut there = 0;
    for entry in feeds.read_dir().map_err(Error::file(feeds))?.flatten() {
        let path = entry.path().join("all.zip");
        if let Ok(file) = File::open(&path) {
            let archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|e| Error::file(&path)(e.into()))?;
            there += archive.len();
            archives.push((entry.file_name(), archive));
        }
    }
    let copies = records.div_ceil(there.max(1));
    say(format_args!("growing {there} records {copies} times"));
    for (name, mut archive) in archives {
        let path = folder.join(name).join("all.zip");
        paths::folder(path.parent().unwrap_or(&folder))?;
        let file = BufWriter::new(File::create(&path).map_err(Error::file(&path))?);
        let mut out = zip::ZipWriter::new(file);
        let options = zip::write::SimpleFileOptions::default().compression_level(Some(1));
        let failed = |e: zip::result::ZipError| Error::file(&path)(e.into());
        for member in 0..archive.len() {
            let mut text = String::new();
            let mut file = archive.by_index(member).map_err(failed)?;
            file.read_to_string(&mut text).map_err(Error::file(&path))?;
            for copy in 0..copies {
                out.start_file(format!("{member}-{copy}.json"), options).map_err(failed)?;
                out.write_all(renamed(&text, copy).as_bytes()).map_err(Error::file(&path))?;
            }
        }
        out.finish().map_err(failed)?;
    }
    Ok(folder)
}

/// The first copy stays as it is; of the others, ids and names of packages get a number.
fn renamed(text: &str, copy: usize) -> String {
    if copy == 0 {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    let marks = ["\"id\":\"", "\"name\":\""];
    while let Some((at, mark)) = marks.iter().filter_map(|m| Some((rest.find(m)?, m))).min() {
        let start = at + mark.len();
        let end = start + rest[start..].find('"').unwrap_or(0);
        out.push_str(&rest[..end]);
        out.push_str(&format!("-g{copy}"));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_have_names_of_their_own() {
        let text = r#"{"id":"A-1","affected":[{"package":{"ecosystem":"npm","name":"x"}},{"package":{"name":"y"}}]}"#;
        let expected =
            r#"{"id":"A-1-g2","affected":[{"package":{"ecosystem":"npm","name":"x-g2"}},{"package":{"name":"y-g2"}}]}"#;
        assert_eq!((renamed(text, 2).as_str(), renamed(text, 0).as_str()), (expected, text));
    }
}
