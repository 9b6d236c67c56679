//! A template: whatever is read runs to an end within its limits, over Docker's types and over plain JSON.

#![no_main]

use documents::docker_inspect::{Document, Named};
use documents::go_template::Template;
use libfuzzer_sys::fuzz_target;
use model::oci::ImageConfig;
use std::sync::LazyLock;

const CONFIG: &str = r#"{"os":"linux","architecture":"amd64","config":{"Env":["A=b","C=é"],"Cmd":["x"],
"ExposedPorts":{"80/tcp":{}},"Labels":{"a":"b"},"Healthcheck":{"Test":["CMD"],"Interval":1500000000}},"rootfs":{"type":"layers"}}"#;

static IMAGE: LazyLock<ImageConfig> = LazyLock::new(|| ImageConfig::parse(CONFIG.as_bytes()).expect("a config"));

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(template) = Template::parse(text) else { return };
    let _ = Document::of_image(&IMAGE, &Named::default()).format(&template);
});
