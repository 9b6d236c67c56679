//! `cargo xtask bench pin`: what pinning a repository of 2,000 files costs, and what another pinner makes of the
//! references that are easily got wrong.

mod cases;
mod peer;

use std::path::Path;
use std::process::Command;

use crate::error::{Error, Result};
use crate::paths;
use crate::tools::measure::{Cost, cost};
use crate::tools::{cargo, print, run};
use model::Digest;

/// The files of the generated repository, and the images that they name between them.
const FILES: usize = 2000;
const IMAGES: usize = 50;

/// Measures, then compares.
pub(crate) fn pin(options: &[&str]) -> Result<()> {
    let (runs, with_peer) = match options {
        [] => (3, true),
        ["--runs", number] => (number.parse::<u32>().map_err(|_| WRONG)?, true),
        ["--peer", "none"] => (3, false),
        _ => return Err(WRONG),
    };
    let program = cargo::release()?;
    run(&mut cargo::cargo(&["build", "--quiet", "--release", "--package", "xtask"]))?;
    let meter = cargo::target().join("release/xtask");
    let work = paths::fresh("bench-pin")?;
    let digests = work.join("digests");
    paths::write(&digests, &(0..IMAGES).map(|n| format!("{}@{}\n", image(n), digest(n))).collect::<String>())?;
    // Every writing run has a tree of its own, for file systems are slow to make files where some were removed just now.
    let written: Vec<_> = (0..runs).map(|run| work.join(format!("tree-{run}"))).collect();
    let unpinned = work.join("unpinned");
    for tree in written.iter().chain([&unpinned]) {
        generate(tree)?;
    }
    let first = written.first().ok_or(WRONG)?;
    let again = |tree| vec![tree; written.len()];
    let rows = [
        ("pin (writes every file)", vec!["pin"], written.iter().collect()),
        ("pin --diff", vec!["pin", "--diff"], again(&unpinned)),
        ("pin --check of what is pinned", vec!["pin", "--check"], again(first)),
    ];
    print(format_args!("| {FILES} files, {IMAGES} images, offline | CPU s | wall s | memory MB |\n|---|---|---|---|"));
    for (name, words, trees) in rows {
        let mut best: Option<Cost> = None;
        for tree in trees {
            let mut command = Command::new(&program);
            command.args(&words).arg(tree).args(["--offline", "--quiet", "--digests"]).arg(&digests);
            let now = cost(&meter, &command)?;
            best = Some(best.map_or(now, |best| best.best(now)));
        }
        let Some(Cost { cpu, wall, memory }) = best else { return Err(WRONG) };
        print(format_args!("| {name} | {cpu:.3} | {wall:.2} | {:.0} |", memory as f64 / 1e6));
    }
    if with_peer { peer::compare(&program, &work) } else { Ok(()) }
}

const WRONG: Error = Error::Option { option: "bench pin", wanted: "--runs N (from 1) or --peer none" };

fn image(number: usize) -> String {
    format!("registry.example/team-{}/service-{number}:1.{number}.0", number % 7)
}

fn digest(number: usize) -> Digest {
    Digest::of(format!("image {number}").as_bytes())
}

/// Writes the repository: a third each of Compose files, Kubernetes objects and Dockerfiles.
fn generate(tree: &Path) -> Result<()> {
    for number in 0..FILES {
        let (one, other) = (image(number % IMAGES), image((number * 7 + 3) % IMAGES));
        let (name, text) = match number % 3 {
            0 => ("compose.yaml", compose(&one, &other)),
            1 => ("deployment.yaml", deployment(&one, &other)),
            _ => ("Dockerfile", dockerfile(&one, &other)),
        };
        paths::write(&tree.join(format!("part-{}/app-{number}/{name}", number % 40)), &text)?;
    }
    Ok(())
}

fn compose(one: &str, other: &str) -> String {
    format!(
        "# what runs\nservices:\n  web:\n    image: {one} # the front\n    ports: [\"80:80\"]\n    environment:\n      A: b\n  \
         worker: {{image: \"{other}\", restart: always}}\n  built:\n    build: .\n    image: mine:dev\nvolumes:\n  data: {{}}\n"
    )
}

fn deployment(one: &str, other: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app\n  labels: {{app: app}}\nspec:\n  replicas: 2\n  selector:\n    \
         matchLabels: {{app: app}}\n  template:\n    metadata:\n      labels: {{app: app}}\n    spec:\n      initContainers:\n        - name: init\n          \
         image: {other}\n      containers:\n        - name: app\n          image: \"{one}\"\n          ports:\n            - containerPort: 80\n---\n\
         apiVersion: v1\nkind: Service\nmetadata:\n  name: app\nspec:\n  selector: {{app: app}}\n  ports:\n    - port: 80\n"
    )
}

fn dockerfile(one: &str, other: &str) -> String {
    format!(
        "ARG BASE={one}\nFROM ${{BASE}} AS build\nWORKDIR /src\nCOPY . .\nRUN make \\\n    && make install\n\nFROM {other}\n\
         COPY --from=build /out /usr/local\nUSER 1000\nENTRYPOINT [\"/usr/local/bin/app\"]\n"
    )
}
