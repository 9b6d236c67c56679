//! The tools that define the orders, each started once for all pairs.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use model::VersionOrder;

use crate::error::{Error, Result};
use crate::paths;
use crate::tools::{apt, output, python, run, say};

/// Alpine's own root filesystem, for its apk.
const ALPINE: &str = "testdata/alpine-root/alpine-minirootfs-3.20.3-x86_64.tar.gz";
/// Pairs that fit one command line.
const ON_ONE_LINE: usize = 500;

/// A tool, ready to be asked.
pub(super) enum Oracle {
    /// Reads pairs from stdin, writes a sign a line.
    Lines(&'static str, Command),
    /// Maven's own comparison, which reads its command line.
    Maven(PathBuf),
    /// The crate that Cargo itself uses.
    Cargo,
}

/// The tool of an order, installed if it is missing.
pub(super) fn of(order: VersionOrder) -> Result<Oracle> {
    let script = |name: &str| paths::workspace().join("xtask/oracles").join(name);
    let with = |program: &str, name: &str| {
        let mut command = Command::new(program);
        command.arg(script(name));
        command
    };
    Ok(match order {
        VersionOrder::Dpkg => Oracle::Lines("dpkg --compare-versions", with("sh", "dpkg.sh")),
        VersionOrder::Rpm => {
            apt::need(&["python3-rpm"])?;
            Oracle::Lines("librpm labelCompare", with("/usr/bin/python3", "labelcompare.py"))
        }
        VersionOrder::Apk => Oracle::Lines("apk version -t", alpine()?),
        VersionOrder::Pacman => {
            apt::need(&["pacman-package-manager"])?;
            Oracle::Lines("alpm_pkg_vercmp", with("python3", "pacman.py"))
        }
        VersionOrder::Npm => Oracle::Lines("npm semver", npm(with("node", "npm.js"))?),
        VersionOrder::Cargo => Oracle::Cargo,
        VersionOrder::Python => {
            let python = python::packaging()?;
            Oracle::Lines("packaging 21.3", with(&python.to_string_lossy(), "python.py"))
        }
        VersionOrder::Maven => {
            apt::need(&["libmaven3-core-java"])?;
            apt::need_program("java", "default-jre-headless")?;
            Oracle::Maven("/usr/share/java/maven-artifact-3.x.jar".into())
        }
        VersionOrder::Gem => {
            apt::need(&["ruby"])?;
            Oracle::Lines("Gem::Version", with("ruby", "gem.rb"))
        }
        VersionOrder::Composer => {
            apt::need(&["php-cli", "php-composer-semver"])?;
            Oracle::Lines("composer/semver", with("php", "composer.php"))
        }
        VersionOrder::Go => Oracle::Lines("x/mod/semver, go/version", go()?),
        VersionOrder::Nuget | VersionOrder::Generic => return Err(Error::Usage("no tool here judges this order")),
    })
}

/// apk in a root filesystem of its own.
fn alpine() -> Result<Command> {
    let root = paths::fresh("alpine-root")?;
    let archive = paths::workspace().join(ALPINE);
    run(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(&root))?;
    paths::write(&root.join("oracle.sh"), &paths::read(&paths::workspace().join("xtask/oracles/apk.sh"))?)?;
    let mut command = Command::new("chroot");
    command.arg(root).args(["/bin/sh", "/oracle.sh"]);
    Ok(command)
}

/// npm brings the `semver` that it uses.
fn npm(mut command: Command) -> Result<Command> {
    apt::need_program("npm", "npm")?;
    let global = output(Command::new("npm").args(["root", "--global"]))?;
    command.env("NODE_PATH", format!("{}/npm/node_modules:/usr/share/nodejs", global.trim()));
    Ok(command)
}

/// Go's own copy of its module system's `semver`, beside our few lines.
fn go() -> Result<Command> {
    if output(Command::new("go").arg("version")).is_err() {
        apt::need(&["golang-go"])?;
    }
    let folder = paths::fresh("go-oracle")?;
    let root = output(Command::new("go").args(["env", "GOROOT"]))?;
    let semver = PathBuf::from(root.trim()).join("src/cmd/vendor/golang.org/x/mod/semver/semver.go");
    paths::write(&folder.join("semver/semver.go"), &paths::read(&semver)?)?;
    paths::write(&folder.join("main.go"), &paths::read(&paths::workspace().join("xtask/oracles/go.go"))?)?;
    paths::write(&folder.join("go.mod"), "module oracle\n\ngo 1.22\n")?;
    let binary = folder.join("oracle");
    run(Command::new("go").args(["build", "-o"]).arg(&binary).current_dir(&folder).env("GOFLAGS", "-mod=mod"))?;
    Ok(Command::new(binary))
}

impl Oracle {
    /// What it is called.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Lines(name, _) => name,
            Self::Maven(_) => "ComparableVersion",
            Self::Cargo => "semver crate",
        }
    }

    /// A sign a pair: `<`, `=`, `>`, or `?` where the tool refuses one of the two.
    pub(super) fn answer(&mut self, pairs: &[(String, String)]) -> Result<Vec<char>> {
        let answers = match self {
            Self::Lines(_, command) => lines(command, pairs)?,
            Self::Maven(jar) => {
                let mut all = Vec::new();
                for some in pairs.chunks(ON_ONE_LINE) {
                    all.extend(maven(jar, some)?);
                }
                all
            }
            Self::Cargo => pairs.iter().map(|(a, b)| cargo(a, b)).collect(),
        };
        if answers.len() == pairs.len() { Ok(answers) } else { Err(Error::Answers(answers.len(), pairs.len())) }
    }
}

fn lines(command: &mut Command, pairs: &[(String, String)]) -> Result<Vec<char>> {
    let input: String = pairs.iter().map(|(a, b)| format!("{a}\t{b}\n")).collect();
    say(format_args!("asking `{}` about {} pairs", command.get_program().to_string_lossy(), pairs.len()));
    let file = paths::work("pairs.tsv");
    paths::write(&file, &input)?;
    let stdin = std::fs::File::open(&file).map_err(Error::file(&file))?;
    let program = command.get_program().to_string_lossy().into_owned();
    let spawn = |source| Error::Spawn { program, from: "this machine", source };
    let out = command.stdin(stdin).stderr(Stdio::inherit()).output().map_err(spawn)?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    Ok(text.lines().filter_map(|line| line.trim().chars().next()).collect())
}

/// `ComparableVersion` compares each of its arguments with the one before it.
fn maven(jar: &PathBuf, pairs: &[(String, String)]) -> Result<Vec<char>> {
    let mut command = Command::new("java");
    command.arg("-cp").arg(jar).arg("org.apache.maven.artifact.versioning.ComparableVersion");
    command.args(pairs.iter().flat_map(|(a, b)| [a, b]));
    let text = output(&mut command)?;
    let compared = text.lines().filter(|line| line.starts_with("   ")).step_by(2);
    Ok(compared
        .map(|line| match line.split_whitespace().nth(1) {
            Some("<") => '<',
            Some(">") => '>',
            Some("==") => '=',
            _ => '?',
        })
        .collect())
}

fn cargo(a: &str, b: &str) -> char {
    let (Ok(a), Ok(b)) = (semver::Version::parse(a), semver::Version::parse(b)) else { return '?' };
    match a.cmp_precedence(&b) {
        std::cmp::Ordering::Less => '<',
        std::cmp::Ordering::Equal => '=',
        std::cmp::Ordering::Greater => '>',
    }
}
