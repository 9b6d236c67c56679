//! The types of Docker's client for API 1.41: `types.ImageInspect` and `container.Config`, field by field in their
//! order, which is the order of the document.

use crate::go_template::{Field, Struct, Text, Value};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

type Fields = Map<String, Json>;

/// `types.ImageInspect`; `engine` says that it was an engine that answered.
pub(super) fn image(of: &Fields, engine: bool) -> Value {
    let local = |name: &'static str, value: Value| if engine { value } else { Value::Elsewhere(name) };
    let fields = vec![
        Field { name: "ID", ..always("Id", text(of, "Id")) },
        always("RepoTags", texts(of, "RepoTags", "[]string")),
        always("RepoDigests", texts(of, "RepoDigests", "[]string")),
        always("Parent", local("Parent", text(of, "Parent"))),
        always("Comment", text(of, "Comment")),
        always("Created", text(of, "Created")),
        always("Container", text(of, "Container")),
        always("ContainerConfig", config(of.get("ContainerConfig"))),
        always("DockerVersion", text(of, "DockerVersion")),
        always("Author", text(of, "Author")),
        always("Config", config(of.get("Config"))),
        always("Architecture", text(of, "Architecture")),
        unless_empty("Variant", text(of, "Variant")),
        always("Os", text(of, "Os")),
        unless_empty("OsVersion", text(of, "OsVersion")),
        always("Size", local("Size", whole(of, "Size"))),
        always("VirtualSize", local("VirtualSize", whole(of, "VirtualSize"))),
        always("GraphDriver", local("GraphDriver", storage(of.get("GraphDriver")))),
        always("RootFS", root(of.get("RootFS"))),
        always("Metadata", local("Metadata", metadata(of.get("Metadata")))),
    ];
    made("types.ImageInspect", false, fields)
}

fn config(json: Option<&Json>) -> Value {
    let Some(of) = json.and_then(Json::as_object) else { return Value::NullPointer("container.Config") };
    let fields = vec![
        always("Hostname", text(of, "Hostname")),
        always("Domainname", text(of, "Domainname")),
        always("User", text(of, "User")),
        always("AttachStdin", truth(of, "AttachStdin")),
        always("AttachStdout", truth(of, "AttachStdout")),
        always("AttachStderr", truth(of, "AttachStderr")),
        unless_empty("ExposedPorts", set(of, "ExposedPorts", "nat.PortSet")),
        always("Tty", truth(of, "Tty")),
        always("OpenStdin", truth(of, "OpenStdin")),
        always("StdinOnce", truth(of, "StdinOnce")),
        always("Env", texts(of, "Env", "[]string")),
        always("Cmd", texts(of, "Cmd", "strslice.StrSlice")),
        unless_empty("Healthcheck", health(of.get("Healthcheck"))),
        unless_empty("ArgsEscaped", truth(of, "ArgsEscaped")),
        always("Image", text(of, "Image")),
        always("Volumes", set(of, "Volumes", "map[string]struct {}")),
        always("WorkingDir", text(of, "WorkingDir")),
        always("Entrypoint", texts(of, "Entrypoint", "strslice.StrSlice")),
        unless_empty("NetworkDisabled", truth(of, "NetworkDisabled")),
        unless_empty("MacAddress", text(of, "MacAddress")),
        always("OnBuild", texts(of, "OnBuild", "[]string")),
        always("Labels", labels(of, "Labels")),
        unless_empty("StopSignal", text(of, "StopSignal")),
        unless_empty(
            "StopTimeout",
            of.get("StopTimeout").and_then(Json::as_i64).map_or(Value::NullPointer("int"), int),
        ),
        unless_empty("Shell", texts(of, "Shell", "strslice.StrSlice")),
    ];
    made("container.Config", true, fields)
}

fn health(json: Option<&Json>) -> Value {
    let Some(of) = json.and_then(Json::as_object) else { return Value::NullPointer("container.HealthConfig") };
    let span = |key: &'static str| {
        let nanoseconds = of.get(key).and_then(Json::as_i64).unwrap_or_default();
        unless_empty(key, Value::Int("time.Duration", nanoseconds))
    };
    let fields = vec![
        unless_empty("Test", texts(of, "Test", "[]string")),
        span("Interval"),
        span("Timeout"),
        span("StartPeriod"),
        unless_empty("Retries", int(of.get("Retries").and_then(Json::as_i64).unwrap_or_default())),
    ];
    made("container.HealthConfig", true, fields)
}

fn root(json: Option<&Json>) -> Value {
    let empty = Fields::new();
    let of = json.and_then(Json::as_object).unwrap_or(&empty);
    let fields = vec![
        always("Type", text(of, "Type")),
        unless_empty("Layers", texts(of, "Layers", "[]string")),
        unless_empty("BaseLayer", text(of, "BaseLayer")),
    ];
    made("types.RootFS", false, fields)
}

fn storage(json: Option<&Json>) -> Value {
    let empty = Fields::new();
    let of = json.and_then(Json::as_object).unwrap_or(&empty);
    made("types.GraphDriverData", false, vec![always("Data", labels(of, "Data")), always("Name", text(of, "Name"))])
}

fn metadata(json: Option<&Json>) -> Value {
    let stated = json.and_then(|json| json.get("LastTagTime")).and_then(Json::as_str);
    let moment = Value::Text(Text::Time, stated.unwrap_or("0001-01-01T00:00:00Z").into());
    made("types.ImageMetadata", false, vec![always("LastTagTime", moment)])
}

fn made(of: &'static str, by_pointer: bool, fields: Vec<Field>) -> Value {
    Value::Struct(Struct { of, by_pointer, fields }.into())
}

fn always(name: &'static str, value: Value) -> Field {
    Field { name, json: name, omit_empty: false, value }
}

fn unless_empty(name: &'static str, value: Value) -> Field {
    Field { name, json: name, omit_empty: true, value }
}

fn int(number: i64) -> Value {
    Value::Int("int", number)
}

fn text(of: &Fields, key: &str) -> Value {
    Value::text(of.get(key).and_then(Json::as_str).unwrap_or_default())
}

fn truth(of: &Fields, key: &str) -> Value {
    Value::Bool(of.get(key).and_then(Json::as_bool).unwrap_or_default())
}

fn whole(of: &Fields, key: &str) -> Value {
    Value::Int("int64", of.get(key).and_then(Json::as_i64).unwrap_or_default())
}

fn texts(of: &Fields, key: &str, kind: &'static str) -> Value {
    let items = match of.get(key) {
        Some(Json::Array(items)) => Some(items.iter().filter_map(Json::as_str).map(Value::text).collect()),
        // A command may be one word.
        Some(Json::String(word)) if kind == "strslice.StrSlice" => Some([Value::text(word)].into()),
        _ => None,
    };
    Value::List(kind, items)
}

fn labels(of: &Fields, key: &str) -> Value {
    let entries = of.get(key).and_then(Json::as_object).map(|entries| {
        let pair = |(key, json): (&String, &Json)| Some((key.clone(), Value::text(json.as_str()?)));
        entries.iter().filter_map(pair).collect::<BTreeMap<_, _>>().into()
    });
    Value::Map("map[string]string", Value::text("").into(), entries)
}

/// A set: a map to nothing.
fn set(of: &Fields, key: &str, kind: &'static str) -> Value {
    let nothing = || made("struct {}", false, Vec::new());
    let entries = of.get(key).and_then(Json::as_object);
    let entries =
        entries.map(|entries| entries.keys().map(|key| (key.clone(), nothing())).collect::<BTreeMap<_, _>>().into());
    Value::Map(kind, nothing().into(), entries)
}
