//! `cargo xtask bench running`: what it takes to say of many containers which image each runs, on a real engine with a
//! real registry, and what the registry was asked for it.

use std::path::Path;
use std::process::Command;

use crate::error::{Error, Result};
use crate::paths;
use crate::servers::{Engine, Registry, Storage};
use crate::tools::measure::{Cost, cost};
use crate::tools::{cargo, output, print, run};

const CONTAINERS: usize = 200;
const IMAGES: usize = 20;
const RUNS: usize = 3;

/// Measures.
pub(crate) fn running(options: &[&str]) -> Result<()> {
    if !options.is_empty() {
        return Err(Error::Option { option: "bench running", wanted: "nothing more" });
    }
    let program = cargo::release()?;
    run(&mut cargo::cargo(&["build", "--quiet", "--release", "--package", "xtask"]))?;
    let meter = cargo::target().join("release/xtask");
    let work = paths::fresh("bench-running")?;
    let registry = Registry::start(&work.join("registry"))?;
    let engine = Engine::start(&work.join("docker"), Storage::Overlay)?;
    fleet(&work, &engine, &registry)?;
    let before = registry.requests()?;
    let mut best: Option<Cost> = None;
    for _ in 0..RUNS {
        let mut command = Command::new(&program);
        command.args(["running", "--all", "-o"]).arg(format!("json={}", work.join("running.json").display()));
        command.env("PLIMSOLL_HOME", work.join("home")).env("DOCKER_HOST", engine.host());
        let one = cost(&meter, &command)?;
        best = Some(best.map_or(one, |best| best.best(one)));
    }
    let asked = (registry.requests()? - before) / RUNS;
    let told = paths::read(&work.join("running.json"))?.matches("\"verdict\": \"exact\"").count();
    if told != CONTAINERS {
        let what = "not every container got the verdict `exact`";
        return Err(Error::Layout { path: work.join("running.json"), what });
    }
    let Some(best) = best else { return Ok(()) };
    print(format_args!("| containers | images | wall s | CPU s | memory MB | requests to the registry |"));
    print(format_args!("|---:|---:|---:|---:|---:|---:|"));
    print(format_args!(
        "| {CONTAINERS} | {IMAGES} | {:.2} | {:.2} | {:.0} | {asked} |",
        best.wall,
        best.cpu,
        best.memory as f64 / 1e6
    ));
    Ok(())
}

/// Images pushed, and containers made of them; none is started, since a container that stopped is known as well.
fn fleet(work: &Path, engine: &Engine, registry: &Registry) -> Result<()> {
    let docker = |words: &[&str]| {
        let mut command = Command::new("docker");
        command.args(words).env("DOCKER_HOST", engine.host());
        output(&mut command).map(drop)
    };
    let context = work.join("context");
    let name = |number: usize| format!("{}/fleet/app:{number}", registry.address);
    for number in 0..IMAGES {
        paths::write(
            &context.join("Dockerfile"),
            &format!("FROM scratch\nCOPY Dockerfile /\nLABEL number={number}\nCMD [\"/x\"]\n"),
        )?;
        docker(&["build", "--quiet", "--tag", &name(number), &context.display().to_string()])?;
        docker(&["push", "--quiet", &name(number)])?;
    }
    for number in 0..CONTAINERS {
        docker(&["create", "--network=none", "--name", &format!("c{number}"), &name(number % IMAGES)])?;
    }
    Ok(())
}
