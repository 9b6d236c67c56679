//! Tests against the real thing: a Debian image by mmdebstrap and umoci, carried by skopeo to a real registry, a real
//! Docker Engine and archives. `cargo xtask test` prepares the parts; nothing here is skipped when one is missing.

#![allow(missing_docs, reason = "tests")]

mod parts;

#[test]
fn skopeo_and_dpkg_agree_that_the_parts_are_real() {
    let image = parts::image();
    let layout = format!("oci:{}:latest", image.join("layout").display());
    let seen = parts::skopeo(&["inspect", "--raw", &layout]);
    assert!(String::from_utf8_lossy(&seen.stdout).contains("\"layers\""));
    let packages = std::fs::read_to_string(image.join("packages.tsv")).expect("packages.tsv");
    assert!(packages.lines().any(|line| line.starts_with("dpkg\t")), "{packages}");

    let registry = format!("docker://{}/parts:1", parts::registry());
    parts::skopeo(&["copy", "--quiet", "--dest-tls-verify=false", &layout, &registry]);
    let daemon = "docker-daemon:parts:1";
    parts::skopeo(&["copy", "--quiet", "--dest-daemon-host", &parts::engine(), &layout, daemon]);
    parts::tool(&parts::python(), "python3-venv", &["-c", "import spdx_tools, cyclonedx, ntia_conformance_checker"]);
}
