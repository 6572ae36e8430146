//! The classes `SteamMultiplayerPeer` and `SteamPacketPeer`, held against the three APIs of these names by a script inside
//! Godot.

use std::time::Duration;

use samovar_api::PeerClass;
use samovar_e2e::Scenario;
use serde_json::{Map, Value, json};

use crate::api;

#[test]
fn every_form_signal_property_and_constant_of_the_three_apis_is_there() {
    let classes = PeerClass::read(&api::folder(), &api::surface()).expect("the API can be read");
    let classes: Vec<Value> = classes.iter().map(described).collect();
    let scenario = Scenario::new("peer_conformance");
    let file = api::put(&scenario, "peers.json", &json!({ "classes": classes }));
    let game = scenario
        .launch("conformance")
        .arg("--script")
        .arg("res://tests/peer_conformance.gd")
        .env("SAMOVAR_TEST_API", file)
        .start();
    let status = game.wait_exit(Duration::from_secs(60));
    assert_eq!(status.code(), Some(0), "it ended with {status}");
    game.line("TOTALS SteamPacketPeer: 5 methods in 5 forms, 0 signals, 0 properties, 1 enums");
    game.line(
        "TOTALS SteamMultiplayerPeer: 40 methods in 52 forms, 8 signals, 7 properties, 4 enums",
    );
    game.wait_finished();
}

fn described(class: &PeerClass) -> Value {
    let forms = class.forms.iter().map(|form| {
        let mut entry = json!({
            "name": form.name,
            "api": form.api,
            "args": form.arguments.iter().map(api::argument).collect::<Vec<_>>(),
            "returns": form.returns.name(),
        });
        if let Some(one) = &form.returns_enum {
            entry["returns_enum"] = json!(one);
        }
        entry
    });
    let signals = class.signals.iter().map(|(signal, _)| {
        let arguments: Vec<Value> = signal.arguments.iter().map(api::argument).collect();
        json!({ "name": signal.name, "args": arguments })
    });
    let enums: Map<String, Value> = class
        .enums
        .iter()
        .map(|one| {
            let values = one.values.iter();
            let values: Map<String, Value> = values
                .map(|value| (value.name.clone(), json!(value.value)))
                .collect();
            (one.name.clone(), values.into())
        })
        .collect();
    json!({
        "name": class.name,
        "base": class.base,
        "forms": forms.collect::<Vec<_>>(),
        "signals": signals.collect::<Vec<_>>(),
        "properties": class.properties.iter().map(api::property).collect::<Vec<_>>(),
        "enums": enums,
    })
}
