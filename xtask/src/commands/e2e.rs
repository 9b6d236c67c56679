//! The parts of the end-to-end tests: real images, a real registry, a real engine, and the formats' own validators.
//!
//! The tests themselves are the binary `e2e` of the program's crate; they find the parts by environment variables and
//! fail where one is missing.

use std::path::PathBuf;

use crate::error::Result;
use crate::images::debian;
use crate::paths;
use crate::servers::{Engine, Postgres, Registry, Storage};
use crate::tools::{cargo, python, run};

/// Everything a test may use; servers end with it.
pub(crate) struct Parts {
    image: PathBuf,
    work: PathBuf,
    python: PathBuf,
    registry: Registry,
    engine: Engine,
    postgres: Postgres,
}

impl Parts {
    /// Makes the images, if they are not there from before, and starts the servers.
    pub(crate) fn prepare() -> Result<Self> {
        let image = debian::minimal(debian::State::Today)?;
        let python = python::validators()?;
        let work = paths::fresh("e2e")?;
        let registry = Registry::start(&work.join("registry"))?;
        let engine = Engine::start(&work.join("docker"), Storage::Overlay)?;
        let postgres = Postgres::start(&work.join("postgres.log"))?;
        Ok(Self { image, work, python, registry, engine, postgres })
    }
}

/// Runs the tests: of layers against real extractors, then of the program against all parts.
pub(crate) fn run_tests(parts: &Parts) -> Result<()> {
    prove_squash(parts)?;
    let host = parts.engine.host();
    let mut command = cargo::end_to_end("e2e");
    command.env("PLIMSOLL_E2E_DIR", &parts.work);
    command.env("PLIMSOLL_E2E_IMAGE", &parts.image);
    command.env("PLIMSOLL_E2E_PYTHON", &parts.python);
    command.env("PLIMSOLL_E2E_REGISTRY", &parts.registry.address);
    command.env("PLIMSOLL_E2E_POSTGRES", &parts.postgres.url);
    command.env("PLIMSOLL_E2E_REGISTRY_DATA", parts.work.join("registry/data"));
    run(command.env("DOCKER_HOST", host))
}

/// Random stacks of layers, unpacked by umoci and by an engine of their own.
fn prove_squash(parts: &Parts) -> Result<()> {
    let engine = Engine::start(&parts.work.join("squash"), Storage::Copies)?;
    let host = engine.host();
    let mut squash = cargo::end_to_end("squash_proof");
    run(squash.env("E2E_DOCKER_SOCKET", host.trim_start_matches("unix://")))
}
