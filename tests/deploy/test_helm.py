"""The chart is what the plain manifests are, and what its values make of it is valid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import kubernetes_validate
import pytest
import yaml

from firehose_loader import __version__
from tests.checkout import ROOT
from tests.deploy.test_manifests import (
    KUBERNETES,
    documents,
    no_needless_rights,
    pod_of,
    understood,
)
from tests.rigs.deploy_tools import Refused, asked

CHART = "deploy/helm"
VARIANTS: Mapping[str, dict[str, Any]] = {
    "default": {},
    "watch": {"mode": "watch"},
    "snowflake": {"persistence": {"enabled": False}},
    "sftp and ftps": {"networkPolicy": {"egressPorts": [22, {"port": 30000, "endPort": 31000}]}},
    "no way out": {"networkPolicy": {"egressPorts": []}},
    "no policy": {"networkPolicy": {"enabled": False}},
    "all else": {
        "image": {"repository": "registry.example.com/loader", "digest": "sha256:" + "0" * 64},
        "imagePullSecrets": [{"name": "registry"}],
        "env": [{"name": "FIREHOSE_LOCK_TIMEOUT", "value": "60s"}],
        "persistence": {"storageClassName": "fast", "size": "1Ti"},
        "nodeSelector": {"pool": "small"},
        "tolerations": [{"key": "small", "operator": "Exists"}],
    },
    **{
        cloud: {
            "mode": "watch",
            "workloadIdentity": {"provider": cloud, "identity": f"the-{cloud}"},
        }
        for cloud in ("eks", "gke", "aks")
    },
}


@pytest.fixture(scope="module")
def rendered() -> dict[str, dict[str, Any]]:
    """The documents of each variant, by kind."""
    answers = asked(*(("render", CHART, values, "firehose-loader") for values in VARIANTS.values()))
    return {
        name: {
            document["kind"]: document
            for text in files.values()
            for document in yaml.safe_load_all(text)
            if document
        }
        for name, files in zip(VARIANTS, answers, strict=True)
    }


def refused(values: dict[str, Any]) -> str:
    with pytest.raises(Refused) as refusal:
        asked(("render", CHART, values, "loader"))
    return str(refusal.value)


def plain(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the chart alone has, and the order of volumes, which says nothing."""
    document = without_marks(document)
    for pod in pod_of(document):
        pod["volumes"].sort(key=lambda volume: volume["name"])
        pod["containers"][0].pop("imagePullPolicy", None)
    document["metadata"] = {"name": document["metadata"]["name"]}
    return document


def without_marks(node: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
    """Copy a document with one label, the name of the program, in place of all."""
    if isinstance(node, list):
        return [without_marks(one) for one in node]
    if not isinstance(node, dict):
        return node
    mark = "app.kubernetes.io/name"
    return {
        key: {mark: value[mark]} if key in {"labels", "matchLabels"} else without_marks(value)
        for key, value in node.items()
    }


def test_the_chart_passes_its_linter() -> None:
    (messages,) = asked(("lint", CHART))

    assert [one["error"] for one in messages] == ["icon is recommended"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_the_chart_makes_is_valid_to_the_letter(
    rendered: dict[str, dict[str, Any]], variant: str
) -> None:
    for document in rendered[variant].values():
        kubernetes_validate.validate(document, KUBERNETES, strict=True)


def test_the_chart_makes_by_default_what_the_plain_manifests_are(
    rendered: dict[str, dict[str, Any]],
) -> None:
    made = rendered["default"] | {"Deployment": rendered["watch"]["Deployment"]}

    expected = {document["kind"]: plain(document) for _, document in documents()}

    assert {kind: plain(document) for kind, document in made.items()} == expected


@pytest.mark.parametrize("variant", VARIANTS)
def test_its_pods_have_no_rights_that_they_do_not_need(
    rendered: dict[str, dict[str, Any]], variant: str
) -> None:
    (pod,) = (pod for document in rendered[variant].values() for pod in pod_of(document))

    no_needless_rights(pod)
    understood(pod["containers"][0]["args"])


@pytest.mark.parametrize(
    ("cloud", "annotation"),
    [
        ("eks", "eks.amazonaws.com/role-arn"),
        ("gke", "iam.gke.io/gcp-service-account"),
        ("aks", "azure.workload.identity/client-id"),
    ],
)
def test_an_identity_of_the_cloud_is_given_without_a_key(
    rendered: dict[str, dict[str, Any]], cloud: str, annotation: str
) -> None:
    account = rendered[cloud]["ServiceAccount"]
    labels = rendered[cloud]["Deployment"]["spec"]["template"]["metadata"]["labels"]

    assert account["metadata"]["annotations"] == {annotation: f"the-{cloud}"}
    assert not account["automountServiceAccountToken"]
    assert labels.get("azure.workload.identity/use") == ("true" if cloud == "aks" else None)


def test_only_on_gke_may_pods_ask_the_node_for_tokens(rendered: dict[str, dict[str, Any]]) -> None:
    allowed = {
        name: [rule for rule in variant["NetworkPolicy"]["spec"]["egress"] if "to" in rule]
        for name, variant in rendered.items()
        if "NetworkPolicy" in variant
    }

    assert [name for name, rules in allowed.items() if rules] == ["gke"]
    (rule,) = allowed["gke"]
    assert all(one["ipBlock"]["cidr"].startswith("169.254.169.") for one in rule["to"])


def test_the_ports_that_pods_may_reach_are_a_value(rendered: dict[str, dict[str, Any]]) -> None:
    dns, out = rendered["sftp and ftps"]["NetworkPolicy"]["spec"]["egress"]

    assert {one["port"] for one in dns["ports"]} == {53}
    assert [(one["port"], one.get("endPort")) for one in out["ports"]] == [
        (22, None),
        (30000, 31000),
    ]
    assert len(rendered["no way out"]["NetworkPolicy"]["spec"]["egress"]) == 1
    assert "NetworkPolicy" not in rendered["no policy"]


def test_nothing_is_kept_where_the_warehouse_is_elsewhere(
    rendered: dict[str, dict[str, Any]],
) -> None:
    (pod,) = pod_of(rendered["snowflake"]["CronJob"])

    assert {"name": "data", "emptyDir": {}} in pod["volumes"]
    assert "PersistentVolumeClaim" not in rendered["snowflake"]
    kept = rendered["default"]["PersistentVolumeClaim"]["metadata"]["annotations"]
    assert kept == {"helm.sh/resource-policy": "keep"}


def test_two_releases_in_one_namespace_do_not_meet() -> None:
    (files,) = asked(("render", CHART, {"mode": "watch"}, "second"))
    made = [yaml.safe_load(text) for text in files.values() if text.strip()]
    (policy,) = (one for one in made if one["kind"] == "NetworkPolicy")
    (deployment,) = (one for one in made if one["kind"] == "Deployment")
    template = deployment["spec"]["template"]
    selector = policy["spec"]["podSelector"]

    assert {one["metadata"]["name"] for one in made} == {"second"}
    assert selector == deployment["spec"]["selector"]
    assert selector["matchLabels"].items() <= template["metadata"]["labels"].items()
    assert template["spec"]["serviceAccountName"] == "second"


def test_a_wrong_value_is_refused_by_its_name() -> None:
    assert "/mode" in refused({"mode": "cron"})
    assert "egresPorts" in refused({"networkPolicy": {"egresPorts": [22]}})
    assert "/workloadIdentity/identity" in refused({"workloadIdentity": {"provider": "eks"}})
    assert "/image/digest" in refused({"image": {"digest": "latest"}})


def test_the_chart_has_the_version_of_the_loader() -> None:
    chart = yaml.safe_load((ROOT / CHART / "Chart.yaml").read_text("utf-8"))

    assert chart["appVersion"] == __version__
