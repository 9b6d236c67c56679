//! TLS: authorities of the user's own, `certs.d`, client certificates; each for the host it is filed under.

use super::testing::{Reply, Sample, Server, client_of};
use super::{Certificates, RegistryOptions};
use crate::CredentialStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn file(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/certificates")).join(name)
}

/// A registry that shows a certificate for 127.0.0.1 and, if asked to, demands one of its clients.
fn secure(demands: bool) -> Server {
    crate::tls::ensure_provider();
    let chain = CertificateDer::pem_file_iter(file("server.crt")).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
    let builder = if demands {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(file("ca.crt")).unwrap()).unwrap();
        ServerConfig::builder()
            .with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap())
    } else {
        ServerConfig::builder().with_no_client_auth()
    };
    let sample = Sample::default();
    Server::secure(builder.with_single_cert(chain, key).unwrap(), move |seen| sample.reply(seen))
}

/// A `certs.d` that has these files, copied from the test data, for `host`.
fn filed(host: &str, files: &[(&str, &str)]) -> (tempfile::TempDir, Certificates) {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join(host);
    std::fs::create_dir(&own).unwrap();
    for (from, to) in files {
        std::fs::copy(file(from), own.join(to)).unwrap();
    }
    let certificates = Certificates { folders: vec![folder.path().into()], ..Certificates::default() };
    (folder, certificates)
}

/// What comes of asking for `app:1`.
fn ask(server: &Server, certificates: Certificates, insecure: bool) -> String {
    let insecure = if insecure { vec![server.host.clone()] } else { Vec::new() };
    let options = RegistryOptions { certificates, insecure, ..RegistryOptions::default() };
    let (client, _) = client_of(options, CredentialStore::default());
    let reference = super::tests::reference(server, "app:1");
    client.sight(&reference, "1").map_or_else(|e| e.to_string(), |seen| seen.media_type().to_owned())
}

const FOUND: &str = "application/vnd.oci.image.index.v1+json";

#[test]
fn an_authority_in_certs_d_is_trusted_for_its_host() {
    let server = secure(false);
    let (_folder, certificates) = filed(&server.host, &[("ca.crt", "ca.crt")]);
    assert_eq!(ask(&server, certificates.clone(), false), FOUND);
    // Another host, the same authority, and nothing filed for it: no trust.
    let other = secure(false);
    let (_folder, none) = filed(&other.host, &[]);
    let error = ask(&other, Certificates { folders: [none.folders, certificates.folders].concat(), ..none }, false);
    assert!(error.contains("cannot reach https://") && error.to_lowercase().contains("issuer"), "{error}");
    assert!(other.seen().is_empty());
}

#[test]
fn an_authority_for_all_hosts_or_for_one() {
    let server = secure(false);
    let by_host = Certificates { by_host: vec![(server.host.clone(), file("ca.crt"))], ..Certificates::default() };
    assert_eq!(ask(&server, by_host, false), FOUND);
    let (_folder, certificates) = filed(&server.host, &[]);
    let for_all = Certificates { authorities: vec![file("ca.crt")], ..certificates };
    assert_eq!(ask(&server, for_all, false), FOUND);
}

#[test]
fn a_client_certificate_is_shown_where_it_is_filed() {
    let server = secure(true);
    let files = [("ca.crt", "ca.crt"), ("client.crt", "client.cert"), ("client.key", "client.key")];
    let (_folder, certificates) = filed(&server.host, &files);
    assert_eq!(ask(&server, certificates, false), FOUND);
    let (_folder, certificates) = filed(&server.host, &files[..1]);
    let error = ask(&server, certificates, false);
    assert!(error.contains("cannot reach https://"), "{error}");
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn plain_http_on_request_stays_plain() {
    let server = Server::start(|_| Reply::new(404).body("plain"));
    let (_folder, certificates) = filed(&server.host, &[("ca.crt", "ca.crt")]);
    assert!(ask(&server, certificates, true).contains("has no manifest `1` in `app`: plain"));
}

#[test]
fn files_that_are_no_certificates() {
    let server = secure(false);
    let check = |files: &[(&str, &str)], expected: &str| {
        let (_folder, certificates) = filed(&server.host, files);
        let error = ask(&server, certificates, false);
        assert!(error.contains(expected), "{error}");
    };
    check(&[("client.crt", "client.cert")], "client.cert`: there is no `.key` of the same name beside it");
    check(&[("client.key", "client.key")], "client.key`: there is no `.cert` of the same name beside it");
    check(&[("README.md", "ca.crt")], "ca.crt`: it holds no certificate in PEM");
    check(&[("README.md", "a.cert"), ("README.md", "a.key")], "it and its key are no pair of PEM");
    let missing = Certificates { by_host: vec![(server.host.clone(), file("gone"))], ..Certificates::default() };
    assert!(ask(&server, missing, false).contains("gone`: No such file"));
    assert!(server.seen().is_empty());
}
