use crate::{check, check_everywhere, left, roles};
use sources::Kind::Terraform;

#[test]
fn images_of_docker() {
    check_everywhere(
        Terraform,
        "# ä\nresource \"docker_image\" \"nginx\" {\n  name         = \"nginx:1.27\" # n\n  keep_locally = true\n}\nresource \"docker_container\" \"a\" {\n  name  = \"a:b\"\n  image = docker_image.nginx.image_id\n}\nresource \"docker_container\" \"b\" {\n  image = \"x:1\"\n}\ndata \"docker_registry_image\" \"d\" {\n  name = \"y:2\"\n}\n",
        "# ä\nresource \"docker_image\" \"nginx\" {\n  name         = \"nginx:1.27@D\" # n\n  keep_locally = true\n}\nresource \"docker_container\" \"a\" {\n  name  = \"a:b\"\n  image = docker_image.nginx.image_id\n}\nresource \"docker_container\" \"b\" {\n  image = \"x:1@D\"\n}\ndata \"docker_registry_image\" \"d\" {\n  name = \"y:2@D\"\n}\n",
    );
}

#[test]
fn pods_of_kubernetes() {
    check_everywhere(
        Terraform,
        "resource \"kubernetes_deployment\" \"a\" {\n  spec {\n    template {\n      spec {\n        init_container {\n          image = \"i:1\"\n        }\n        container {\n          name  = \"a\"\n          image = \"a:1\"\n        }\n        container {\n          image = \"b:2\"\n        }\n      }\n    }\n  }\n}\n",
        "resource \"kubernetes_deployment\" \"a\" {\n  spec {\n    template {\n      spec {\n        init_container {\n          image = \"i:1@D\"\n        }\n        container {\n          name  = \"a\"\n          image = \"a:1@D\"\n        }\n        container {\n          image = \"b:2@D\"\n        }\n      }\n    }\n  }\n}\n",
    );
}

#[test]
fn definitions_through_jsonencode() {
    check_everywhere(
        Terraform,
        "resource \"aws_ecs_task_definition\" \"a\" {\n  container_definitions = jsonencode([\n    { name = \"x\", image = \"x:1\", essential = true },\n    { name = \"y\", \"image\" : \"y:2\" },\n  ])\n}\n",
        "resource \"aws_ecs_task_definition\" \"a\" {\n  container_definitions = jsonencode([\n    { name = \"x\", image = \"x:1@D\", essential = true },\n    { name = \"y\", \"image\" : \"y:2@D\" },\n  ])\n}\n",
    );
}

#[test]
fn definitions_in_a_string_are_listed() {
    let text = "resource \"aws_ecs_task_definition\" \"a\" {\n  container_definitions = <<EOF\n[{\"image\": \"x:1\"}]\nEOF\n}\nresource \"aws_ecs_task_definition\" \"b\" {\n  container_definitions = file(\"c.json\")\n}\n";
    check(Terraform, text, text);
    assert_eq!(sources::find(Terraform, text).unwrap().len(), 1);
}

#[test]
fn variables_are_left_alone() {
    let text = "resource \"docker_image\" \"a\" {\n  name = var.image\n}\nresource \"docker_image\" \"b\" {\n  name = \"x:${var.tag}\"\n}\nresource \"docker_image\" \"c\" {\n  name = local.a == 1 ? \"x:1\" : \"y:2\"\n}\n";
    check(Terraform, text, text);
    left(
        Terraform,
        text,
        &[
            "var.image: the variable `var.image` has no value here",
            "x:${var.tag}: the variable `var.tag` has no value here",
            "local.a == 1 ? \"x:1\" : \"y:2\": the variable `local.a == 1 ? \"x:1\" : \"y:2\"` has no value here",
        ],
    );
}

#[test]
fn what_is_built_here_is_left_alone() {
    let text = "resource \"docker_image\" \"a\" {\n  name = \"me/a:1\"\n  build {\n    context = \".\"\n  }\n}\nresource \"docker_registry_image\" \"a\" {\n  name = \"me/b:1\"\n}\n";
    check(Terraform, text, text);
    roles(Terraform, text, &["output me/a:1", "output me/b:1"]);
}

#[test]
fn other_clouds() {
    check(
        Terraform,
        "resource \"google_cloud_run_v2_service\" \"a\" {\n  template {\n    containers {\n      image = \"x.example/a:1\"\n    }\n  }\n}\nresource \"azurerm_container_group\" \"b\" {\n  container {\n    image = \"b:2\"\n  }\n}\nresource \"aws_lambda_function\" \"c\" {\n  image_uri = \"c:3\"\n}\n",
        "resource \"google_cloud_run_v2_service\" \"a\" {\n  template {\n    containers {\n      image = \"x.example/a:1@D\"\n    }\n  }\n}\nresource \"azurerm_container_group\" \"b\" {\n  container {\n    image = \"b:2@D\"\n  }\n}\nresource \"aws_lambda_function\" \"c\" {\n  image_uri = \"c:3@D\"\n}\n",
    );
}

#[test]
fn images_of_other_resources_are_other_things() {
    let text = "resource \"openstack_image\" \"a\" {\n  image = \"ubuntu-22.04\"\n}\nvariable \"image\" {\n  default = \"x:1\"\n}\nmodule \"m\" {\n  source = \"./m\"\n  image  = \"y:1\"\n}\n";
    check_everywhere(Terraform, text, text);
    left(Terraform, text, &[]);
}

#[test]
fn pinned_already() {
    let old = model::Digest::of(b"old");
    check(
        Terraform,
        &format!("resource \"docker_image\" \"a\" {{\n  name = \"x:1@{old}\"\n}}\n"),
        "resource \"docker_image\" \"a\" {\n  name = \"x:1@D\"\n}\n",
    );
}

#[test]
fn odd_shapes_name_nothing() {
    for text in
        ["", "resource {}\n", "resource \"docker_image\" {}\n", "resource \"docker_image\" \"a\" {}\n", "x = 1\n"]
    {
        check(Terraform, text, text);
    }
}
