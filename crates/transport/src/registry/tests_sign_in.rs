//! Sign-ins: what is sent in answer to a demand, and to whom; redirects, which must not carry them.

use super::open_registry;
use super::testing::{Reply, Sample, Seen, Server, client};
use super::tests::{amd64, error_of, is_layer, pull, pull_with, reference, registry};
use crate::Credential;
use crate::credentials::Secret;

/// A registry that demands `Bearer` tokens of its own token server at `/token`; `grant` answers there.
fn guarded(grant: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Server {
    let sample = Sample::default();
    Server::start(move |seen| {
        if seen.path.starts_with("/token") {
            return grant(seen);
        }
        if seen.header("authorization") == "Bearer good" {
            return sample.reply(seen);
        }
        let host = seen.header("host");
        let challenge = format!(
            r#"Negotiate, Bearer realm="http://{host}/token?x=1",service="reg, one",scope="repository:app:pull,push",error="invalid_token""#
        );
        Reply::new(401).header("www-authenticate", &challenge).body(r#"{"errors":[{"code":"UNAUTHORIZED"}]}"#)
    })
}

fn token(json: &'static str) -> impl Fn(&Seen) -> Reply + Send + Sync {
    move |_| Reply::new(200).body(json)
}

fn tokens_asked(server: &Server) -> Vec<Seen> {
    server.seen().into_iter().filter(|s| s.path.starts_with("/token")).collect()
}

#[test]
fn an_anonymous_token_is_fetched_once() {
    for json in
        [r#"{"token":"good"}"#, r#"{"access_token":"good","expires_in":300}"#, r#"{"token":"","access_token":"good"}"#]
    {
        let server = guarded(token(json));
        pull(&server, "app:1").unwrap();
        let asked = tokens_asked(&server);
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].path, "/token?x=1&service=reg%2C+one&scope=repository%3Aapp%3Apull%2Cpush");
        assert_eq!(asked[0].header("authorization"), "");
        // One request was turned away, the other four were not.
        assert_eq!(server.seen().len(), 6);
    }
}

#[test]
fn a_password_goes_to_the_token_server_as_basic() {
    let server = guarded(|seen| match seen.header("authorization") {
        "Basic YW5uOnNlY3JldA==" => Reply::new(200).body(r#"{"token":"good"}"#),
        _ => Reply::new(401).body(r#"{"details":"incorrect username or password"}"#),
    });
    pull_with(&server, "app:1", Some(Credential::password("ann", "secret"))).0.unwrap();
    assert!(server.seen().iter().all(|s| s.path.starts_with("/token") || !s.header("authorization").contains("Basic")));
    let error = pull_with(&server, "app:1", Some(Credential::password("ann", "wrong"))).0.err().unwrap();
    assert_eq!(
        error,
        "`HOST/app:1`: HOST refuses access to `app` with the stored sign-in: incorrect username or password"
    );
    assert!(error_of(&server, "app:1").contains("without a sign-in"));
}

fn identity() -> Credential {
    Credential(Secret::Identity { user: "ann".to_owned(), token: "re fresh".to_owned() })
}

#[test]
fn an_identity_token_is_exchanged() {
    let server = guarded(|seen| match (seen.method.as_str(), seen.body.contains("refresh_token=re+fresh")) {
        ("POST", true) => Reply::new(200).body(r#"{"access_token":"good"}"#),
        _ => Reply::new(400),
    });
    pull_with(&server, "app:1", Some(identity())).0.unwrap();
    let asked = tokens_asked(&server);
    assert_eq!(
        asked[0].body,
        "grant_type=refresh_token&service=reg%2C+one&client_id=plimsoll&scope=repository%3Aapp%3Apull%2Cpush&refresh_token=re+fresh"
    );
    assert_eq!(asked[0].header("content-type"), "application/x-www-form-urlencoded");
}

#[test]
fn an_identity_token_is_a_password_where_nothing_is_exchanged() {
    let server = guarded(|seen| match (seen.method.as_str(), seen.header("authorization")) {
        ("POST", _) => Reply::new(404),
        ("GET", "Basic YW5uOnJlIGZyZXNo") => Reply::new(200).body(r#"{"token":"good"}"#),
        _ => Reply::new(400),
    });
    pull_with(&server, "app:1", Some(identity())).0.unwrap();
}

#[test]
fn a_token_for_the_registry_itself_is_sent_as_it_is() {
    let server = guarded(|_| Reply::new(400));
    pull_with(&server, "app:1", Some(Credential(Secret::Bearer("good".to_owned())))).0.unwrap();
    assert!(tokens_asked(&server).is_empty());
}

#[test]
fn token_servers_that_make_no_sense() {
    let check = |json: &'static str, expected: &str| {
        let error = error_of(&guarded(token(json)), "app:1");
        assert!(error.ends_with(expected), "{error}");
    };
    check("<html>", "cannot be made: its token server does not answer in JSON");
    check(r#"{"token":""}"#, "cannot be made: its token server grants no token");
    check(r#"{"token":"a\nb"}"#, "cannot be made: its token is no header");
    // A token that is not taken: asked for once, not for ever.
    check(r#"{"token":"bad"}"#, "refuses access to manifest `1` in `app` without a sign-in: UNAUTHORIZED");
}

#[test]
fn a_token_that_has_expired_is_fetched_anew() {
    let server = guarded(token(r#"{"token":"good","expires_in":100}"#));
    let (registry, pace) = client(None);
    let open = || open_registry(&reference(&server, "app:1"), &amd64(), &registry).unwrap();
    open();
    super::Pace::wait(&*pace, std::time::Duration::from_secs(89));
    open();
    assert_eq!(tokens_asked(&server).len(), 1);
    super::Pace::wait(&*pace, std::time::Duration::from_secs(1));
    open();
    assert_eq!(tokens_asked(&server).len(), 2);
}

#[test]
fn a_token_that_is_taken_back_early_is_fetched_anew() {
    let sample = Sample::default();
    let server = Server::start(move |seen| {
        let asked_for = |n: usize| Reply::new(200).body(format!(r#"{{"token":"t{n}"}}"#));
        let valid = if seen.path.contains("/blobs/") { "Bearer t1" } else { "Bearer t0" };
        let challenge = format!(r#"Bearer realm="http://{}/token""#, seen.header("host"));
        match seen.path.split('?').next() {
            Some("/token") => asked_for(seen.nth),
            _ if seen.header("authorization") == valid => sample.reply(seen),
            _ => Reply::new(401).header("www-authenticate", &challenge),
        }
    });
    pull(&server, "app:1").unwrap();
    assert_eq!(tokens_asked(&server).len(), 2);
    assert_eq!(tokens_asked(&server)[0].path, "/token?scope=repository%3Aapp%3Apull");
}

#[test]
fn basic_is_sent_where_only_basic_is_offered() {
    let basic = || {
        let sample = Sample::default();
        Server::start(move |seen| match seen.header("authorization") {
            "Basic YW5uOnA6dw==" => sample.reply(seen),
            _ => Reply::new(401).header("www-authenticate", r#"Basic realm="Registry Realm""#),
        })
    };
    let server = basic();
    pull_with(&server, "app:1", Some(Credential::password("ann", "p:w"))).0.unwrap();
    assert_eq!(server.seen().len(), 5);
    assert_eq!(
        error_of(&basic(), "app:1"),
        "`HOST/app:1`: HOST refuses access to manifest `1` in `app` without a sign-in"
    );
    let error = pull_with(&basic(), "app:1", Some(Credential::password("ann", "wrong"))).0.err().unwrap();
    assert!(error.ends_with("with the stored sign-in"));
}

#[test]
fn demands_that_cannot_be_met() {
    let check = |challenge: &'static str, expected: &str| {
        let server = Server::start(move |_| Reply::new(401).header("www-authenticate", challenge));
        let error = pull_with(&server, "app:1", Some(Credential::password("u", "p"))).0.err().unwrap();
        assert!(error.contains(expected), "{error}");
        assert!(server.seen().iter().all(|s| s.header("authorization").is_empty()));
    };
    check("Negotiate", "it offers no way that we know");
    check("", "it names no way");
    check("Bearer service=x", "it names no token server");
    check("Bearer realm=\"nowhere\"", "its token server is no address");
    check("Bearer realm=\"ftp://x/\"", "to something other than HTTP");
    check("Bearer realm=\"http://169.254.169.254/latest\"", "to a link-local address");
}

#[test]
fn a_sign_in_is_for_its_own_host() {
    let server = Server::start(|_| Reply::new(401).header("www-authenticate", "Basic realm=x"));
    let (registry, _) = client(Some(("other.example:5000", Credential::password("ann", "secret"))));
    assert!(open_registry(&reference(&server, "app:1"), &amd64(), &registry).is_err());
    assert!(server.seen().iter().all(|s| s.header("authorization").is_empty()));
}

#[test]
fn a_redirect_to_another_host_carries_no_sign_in() {
    let elsewhere = {
        let sample = Sample::default();
        Server::start(move |_| Reply::new(200).body(sample.layer.clone()))
    };
    let address = format!("http://evil:pw@{}/blob?X-Signature=secret", elsewhere.host);
    let sample = Sample::default();
    let server = Server::start(move |seen| match seen.header("authorization") {
        "" => Reply::new(401).header("www-authenticate", "Basic realm=x"),
        _ if is_layer(&sample, seen) => Reply::new(307).header("location", &address),
        _ => sample.reply(seen),
    });
    pull_with(&server, "app:1", Some(Credential::password("ann", "secret"))).0.unwrap();
    let seen = elsewhere.seen();
    assert_eq!((seen.len(), seen[0].path.as_str()), (1, "/blob?X-Signature=secret"));
    assert!(!seen[0].headers.contains_key("authorization"));
}

#[test]
fn a_redirect_on_the_same_host_keeps_it() {
    let sample = Sample::default();
    let server = Server::start(move |seen| match seen.header("authorization") {
        "" => Reply::new(401).header("www-authenticate", "Basic realm=x"),
        _ if is_layer(&sample, seen) => Reply::new(302).header("location", "/moved?a=b"),
        _ if seen.path == "/moved?a=b" => Reply::new(200).body(sample.layer.clone()),
        _ => sample.reply(seen),
    });
    pull_with(&server, "app:1", Some(Credential::password("ann", "secret"))).0.unwrap();
}

#[test]
fn a_challenge_from_elsewhere_is_not_answered() {
    let elsewhere = Server::start(|_| Reply::new(401).header("www-authenticate", "Basic realm=x"));
    let address = format!("http://{}/", elsewhere.host);
    let server = Server::start(move |_| Reply::new(307).header("location", &address));
    assert!(pull_with(&server, "app:1", Some(Credential::password("ann", "secret"))).0.is_err());
    assert!(elsewhere.seen().iter().chain(&server.seen()).all(|s| s.header("authorization").is_empty()));
}

#[test]
fn redirects_that_are_not_followed() {
    let check = |location: &'static str, requests: usize, expected: &str| {
        let server = Server::start(move |_| Reply::new(302).header("location", location));
        let error = error_of(&server, "app:1");
        assert!(error.contains(expected), "{error}");
        assert_eq!(server.seen().len(), requests);
    };
    check("/v2/app/manifests/1", 11, "more than ten times");
    check("file:///etc/passwd", 1, "to something other than HTTP");
    check("http://169.254.169.254/latest/meta-data", 1, "to a link-local address");
    check("http://[", 1, "it names no address");
}

#[test]
fn a_signed_address_is_not_printed() {
    let elsewhere = Server::start(|_| Reply::new(403).body("expired"));
    let address = format!("http://{}/blob?X-Signature=secret", elsewhere.host);
    let (server, _) =
        registry(move |sample, seen| is_layer(sample, seen).then(|| Reply::new(307).header("location", &address)));
    let error = error_of(&server, "app:1");
    assert!(!error.contains("secret") && error.contains("expired"), "{error}");
}

#[test]
fn threads_share_one_client() {
    let server = guarded(token(r#"{"token":"good"}"#));
    let (registry, _) = client(None);
    std::thread::scope(|scope| {
        let pulls: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| open_registry(&reference(&server, "app:1"), &amd64(), &registry).map(|i| i.subject))
            })
            .collect();
        let subjects: Vec<_> = pulls.into_iter().map(|p| p.join().unwrap().unwrap()).collect();
        assert!(subjects.iter().all(|s| *s == subjects[0]));
    });
}

#[test]
fn a_token_of_a_few_seconds_is_good_for_the_shortest_life_that_is_allowed() {
    let server = guarded(token(r#"{"token":"good","expires_in":5}"#));
    let (registry, pace) = client(None);
    let open = || open_registry(&reference(&server, "app:1"), &amd64(), &registry).unwrap();
    open();
    super::Pace::wait(&*pace, std::time::Duration::from_secs(49));
    open();
    assert_eq!(tokens_asked(&server).len(), 1);
    super::Pace::wait(&*pace, std::time::Duration::from_secs(1));
    open();
    assert_eq!(tokens_asked(&server).len(), 2);
}

#[test]
fn a_token_server_on_another_host_gets_the_sign_in_and_its_redirect_does_not() {
    let elsewhere = Server::start(|_| Reply::new(200).body(r#"{"token":"good"}"#));
    let address = elsewhere.host.clone();
    let tokens = Server::start(move |seen| match seen.path.starts_with("/away") {
        true => Reply::new(307).header("location", &format!("http://{address}/")),
        false => Reply::new(200).body(r#"{"token":"good"}"#),
    });
    let demanding = |realm: String| {
        let sample = Sample::default();
        Server::start(move |seen| match seen.header("authorization") {
            "Bearer good" => sample.reply(seen),
            _ => Reply::new(401).header("www-authenticate", &format!(r#"Bearer realm="{realm}""#)),
        })
    };
    let ann = || Some(Credential::password("ann", "secret"));
    let server = demanding(format!("http://{}/token", tokens.host));
    pull_with(&server, "app:1", ann()).0.unwrap();
    assert_eq!(tokens.seen()[0].header("authorization"), "Basic YW5uOnNlY3JldA==");
    assert!(server.seen().iter().all(|s| !s.header("authorization").starts_with("Basic")));
    pull_with(&demanding(format!("http://{}/away", tokens.host)), "app:1", ann()).0.unwrap();
    assert_eq!(elsewhere.seen()[0].header("authorization"), "");
}

#[test]
fn a_token_for_anybody_is_no_sign_in() {
    let sample = Sample::default();
    let server = Server::start(move |seen| match (seen.path.as_str(), seen.header("authorization")) {
        (path, _) if path.starts_with("/token") => Reply::new(200).body(r#"{"token":"good"}"#),
        (path, "Bearer good") if path.contains("/blobs/") => Reply::new(403),
        (_, "Bearer good") => sample.reply(seen),
        _ => {
            let challenge = format!(r#"Bearer realm="http://{}/token""#, seen.header("host"));
            Reply::new(401).header("www-authenticate", &challenge)
        }
    });
    assert!(error_of(&server, "app:1").contains("without a sign-in"));
    let ann = Some(Credential::password("ann", "secret"));
    let error = pull_with(&server, "app:1", ann).0.err().unwrap();
    assert!(error.contains("with the stored sign-in"), "{error}");
}
