//! `cargo xtask proof signatures`: what we sign, the real cosign verifies; what cosign signs, we verify; and neither takes
//! a signature by another key. Against a real registry on loopback, with keys that cosign made.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result};
use crate::images::debian;
use crate::paths;
use crate::servers::Registry;
use crate::tools::{apt, cargo, output, print, run};

/// The newest when this was written; built by Go, some minutes, once.
const COSIGN: (&str, &str) = ("cosign-3.1.3", "github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3");
const PASSWORD: &str = "of no secret";
/// What cosign needs to hear so that it asks nobody but the registry.
const ALONE: [&str; 4] = ["--use-signing-config=false", "--tlog-upload=false", "--allow-http-registry", "-y"];
const OFFLINE: [&str; 2] = ["--insecure-ignore-tlog=true", "--allow-http-registry"];

/// The programs, and where they work.
struct Proof {
    plimsoll: PathBuf,
    cosign: PathBuf,
    folder: PathBuf,
    registry: Registry,
}

/// All forms, both ways.
pub(crate) fn signatures() -> Result<()> {
    apt::need(&["docker-registry", "mmdebstrap", "skopeo", "umoci"])?;
    let folder = paths::fresh("signatures")?;
    let registry = Registry::start(&folder.join("registry"))?;
    let proof = Proof { plimsoll: cargo::release()?, cosign: cosign()?, folder, registry };
    proof.prepare()?;
    print(format_args!("| signed by | form | verified by | |\n|---|---|---|---|"));
    proof.ours()?;
    proof.theirs()
}

fn cosign() -> Result<PathBuf> {
    let folder = paths::work("go").join(COSIGN.0);
    let program = folder.join("cosign");
    if !program.exists() {
        run(Command::new("go").args(["install", COSIGN.1]).env("GOBIN", &folder))?;
    }
    Ok(program)
}

impl Proof {
    /// Keys of two people, a predicate, and an image for each case.
    fn prepare(&self) -> Result<()> {
        for who in ["release", "stranger"] {
            output(self.tool(&self.cosign).args(["generate-key-pair", "--output-key-prefix", who]))?;
        }
        paths::write(&self.folder.join("predicate.json"), "{\"builder\": {\"id\": \"here\"}}")?;
        let image = debian::minimal(debian::State::Today)?.join("layout");
        for name in ["ours", "bundle", "older", "attested"] {
            let from = format!("oci:{}", image.display());
            let to = format!("docker://{}", self.reference(name));
            run(Command::new("skopeo").args(["copy", "--quiet", "--dest-tls-verify=false", &from, &to]))?;
        }
        Ok(())
    }

    fn reference(&self, name: &str) -> String {
        format!("{}/{name}:1", self.registry.address)
    }

    fn tool(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env("COSIGN_PASSWORD", PASSWORD);
        command.env("PLIMSOLL_HOME", self.folder.join("home"));
        command
    }

    fn ours(&self) -> Result<()> {
        let image = self.reference("ours");
        output(self.tool(&self.plimsoll).args(["sign", &image, "--key", "release.key"]))?;
        let attest = ["attest", &image, "--key", "release.key", "--type", "slsaprovenance1", "--predicate"];
        output(self.tool(&self.plimsoll).args(attest).arg("predicate.json"))?;
        let verify = |words: &[&str], key: &str| {
            let mut command = self.tool(&self.cosign);
            command.args(words).args(["--key", key]).args(OFFLINE).arg(&image);
            command
        };
        let attestation = ["verify-attestation", "--type", "slsaprovenance1"];
        for (form, words) in [("signature, bundle", &["verify"][..]), ("attestation, bundle", &attestation[..])] {
            holds("plimsoll", form, "cosign", verify(words, "release.pub"), verify(words, "stranger.pub"))?;
        }
        Ok(())
    }

    fn theirs(&self) -> Result<()> {
        let sign = |words: &[&str], name: &str| {
            let mut command = self.tool(&self.cosign);
            command.args(words).args(["--key", "release.key"]).args(ALONE).arg(self.reference(name));
            output(&mut command).map(drop)
        };
        let attestation = ["attest", "--type", "slsaprovenance1", "--predicate", "predicate.json"];
        sign(&["sign"], "bundle")?;
        sign(&["sign", "--new-bundle-format=false"], "older")?;
        sign(&attestation, "attested")?;
        let verify = |name: &str, kind: &str, key: &str| {
            let mut command = self.tool(&self.plimsoll);
            command.args(["verify", &self.reference(name), "--type", kind, "--key", key]);
            command
        };
        for (form, name, kind) in [
            ("signature, bundle", "bundle", "signature"),
            ("signature, under a tag", "older", "signature"),
            ("attestation, bundle", "attested", "slsaprovenance1"),
        ] {
            holds("cosign", form, "plimsoll", verify(name, kind, "release.pub"), verify(name, kind, "stranger.pub"))?;
        }
        Ok(())
    }
}

/// The right key is believed, and another is not.
fn holds(by: &str, form: &str, reader: &str, mut right: Command, mut wrong: Command) -> Result<()> {
    output(&mut right)?;
    let answer = wrong.output().map_err(|source| Error::File { path: wrong.get_program().into(), source })?;
    if answer.status.success() {
        return Err(Error::Unproven(format!("{reader} takes a {form} of {by} by another key")));
    }
    print(format_args!("| {by} | {form} | {reader} | yes; not by another key |"));
    Ok(())
}
