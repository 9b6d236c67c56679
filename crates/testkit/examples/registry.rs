//! The tests' registry as a server of its own, until it is ended: `registry PORT [classic]`. For the conformance suite
//! of the specification, which tells whether what our tests hold for a registry is one.

use testkit::{Features, Registry};

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let port = words.get(1).and_then(|port| port.parse().ok()).unwrap_or(5000);
    let features = if words.iter().any(|word| word == "classic") { Features::classic() } else { Features::default() };
    let _registry = Registry::at_port(port, features);
    loop {
        std::thread::park();
    }
}
