//! `plimsoll running`: which image each container runs, and whether its tag still names that.

use crate::fixture::{Engine, Packing, Registry, Run, Sandbox, good, parsed};
use crate::formats::fits;
use insta::assert_snapshot;
use model::Digest;

/// A registry whose `app:1` moved since it was pulled, and an engine with a container of each kind.
struct Stage {
    registry: Registry,
    engine: Engine,
    sandbox: Sandbox,
}

const LOCAL: &str = "sha256:11111111111111111111111111111111111111111111111111111111111111aa";

fn stage() -> Stage {
    let (registry, engine) = (Registry::new(), Engine::new());
    let mut sandbox = Sandbox::new();
    sandbox.filter(&registry.host(), "HOST");
    sandbox.filter(&engine.address(), "ENGINE");
    let host = registry.host();
    let old = good().stored(Packing::Gzip);
    let (old_manifest, old_config) = pushed(&registry, "app", "1", old);
    let app = format!("{host}/app:1");
    engine.holds(&[&app], &old_config, &[&format!("{host}/app@{old_manifest}")]);
    engine.runs("web", &app, &old_config);
    pushed(&registry, "app", "1", good().label("newer", "yes").stored(Packing::Gzip));

    let (manifest, config) = pushed(&registry, "tool", "2", good().env("A=b").stored(Packing::Gzip));
    let tool = format!("{host}/tool:2");
    engine.holds(&[&tool], &config, &[&format!("{host}/tool@{manifest}")]);
    engine.runs("tool", &tool, &config);

    engine.holds(&[], LOCAL, &[]);
    engine.runs("mine", &format!("{host}/mine:dev"), LOCAL);
    Stage { registry, engine, sandbox }
}

fn pushed(registry: &Registry, repository: &str, tag: &str, mut image: crate::fixture::Stored) -> (Digest, String) {
    let config = image.config()["digest"].as_str().unwrap().to_owned();
    (registry.push(repository, tag, image), config)
}

impl Stage {
    fn run(&self, args: &str) -> Run {
        self.sandbox.run_command(self.sandbox.command(args).env("DOCKER_HOST", self.engine.address()))
    }
}

#[test]
fn for_people() {
    assert_snapshot!(stage().run("running"), @"
    exit: 1
    ----- stdout -----
    mine
      local         HOST/mine:dev
                    the engine never pulled or pushed it under this name
                    the registry has no `HOST/mine:dev`
      image         sha256:11111111111111111111111111111111111111111111111111111111111111aa
      made anew     would be pulled: the engine has nothing of that name

    tool
      exact         HOST/tool:2
      image         sha256:f475a1990bd07a3f9e000080cb9ead5f81c129f6aa26ffd92bf3d601dc7cbb1f
      pin           HOST/tool:2@sha256:0c520261af549a35c51db7aa1cc7755fb0976b41a542854391f8ed4c7f9f3ae5

    web
      drifted       HOST/app:1
                    the engine pulled or pushed it as sha256:c1a75b61e36379f7859f34139f499e888ddfba626a860161379e610e59b41d38
                    `HOST/app:1` names sha256:80af2cb7bf412b0852099f861e50ee360bd828ce6aab4025afbdc3eaa82c80b5 now
                    its image for this platform is another
                    the digest that runs is still in the registry
      image         sha256:589373122c09636fd96c0e8d12cbeda1572e653d9c4729cfccebffd85f276a24
      pin           HOST/app:1@sha256:c1a75b61e36379f7859f34139f499e888ddfba626a860161379e610e59b41d38

    3 containers: 1 exact, 1 drifted, 1 local
    ----- stderr -----
    ");
}

#[test]
fn for_programs() {
    let run = stage().run("running -o json");
    assert_eq!(run.code, 1, "{run}");
    let document = parsed(&run.stdout);
    fits(include_str!("../../../../docs/formats/running-v1.schema.json"), &document);
    let verdicts: Vec<_> = document["containers"].as_array().unwrap().iter().map(|c| c["verdict"].clone()).collect();
    assert_eq!(verdicts, ["local", "exact", "drifted"]);
}

#[test]
fn a_digest_that_is_gone_is_an_orphan() {
    let stage = stage();
    let digest = parsed(&stage.run("running web -o json").stdout)["containers"][0]["repoDigests"][0].clone();
    let digest = digest.as_str().unwrap().split_once('@').unwrap().1.to_owned();
    stage.registry.remove("app", &digest);
    assert_snapshot!(stage.run("running web"), @"
    exit: 1
    ----- stdout -----
    web
      orphaned      HOST/app:1
                    the engine pulled or pushed it as sha256:c1a75b61e36379f7859f34139f499e888ddfba626a860161379e610e59b41d38
                    `HOST/app:1` names sha256:80af2cb7bf412b0852099f861e50ee360bd828ce6aab4025afbdc3eaa82c80b5 now
                    its image for this platform is another
                    the digest that runs is gone from the registry
      image         sha256:589373122c09636fd96c0e8d12cbeda1572e653d9c4729cfccebffd85f276a24

    1 container: 1 orphaned
    ----- stderr -----
    ");
}

#[test]
fn without_a_registry_nothing_is_guessed() {
    let stage = stage();
    let run = stage.run("running tool --offline");
    assert_snapshot!(run, @"
    exit: 3
    ----- stdout -----
    tool
      unknown       HOST/tool:2
                    the engine pulled or pushed it as sha256:0c520261af549a35c51db7aa1cc7755fb0976b41a542854391f8ed4c7f9f3ae5
                    no registry was asked: `--offline`
      image         sha256:f475a1990bd07a3f9e000080cb9ead5f81c129f6aa26ffd92bf3d601dc7cbb1f
      pin           HOST/tool:2@sha256:0c520261af549a35c51db7aa1cc7755fb0976b41a542854391f8ed4c7f9f3ae5

    1 container: 1 unknown
    ----- stderr -----
    ");
}

#[test]
fn a_name_that_nobody_has() {
    assert_snapshot!(stage().run("running nobody"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: no container is named `nobody`
    hint: `plimsoll running` lists those that run, `--all` those that stopped too
    ");
}

#[test]
fn what_is_exact_costs_one_request_a_reference() {
    let stage = stage();
    stage.registry.asked();
    assert_eq!(stage.run("running tool").code, 0);
    assert_eq!(stage.registry.asked(), ["tool/manifests/2"]);
}

#[test]
fn no_engine_is_an_error() {
    let sandbox = Sandbox::new();
    let run = sandbox.run_command(sandbox.command("running").env("DOCKER_HOST", "unix:///nowhere.sock"));
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("is Docker running"), "{run}");
}
