//! Too few, too many and wrong arguments.

use samovar_api::{Kind, Method, Written};
use samovar_e2e::{APP_ID, Game, Reply, Scenario, repository_root};
use serde_json::{Value, json};

use super::{PLACES, call, neutral, start};

/// Too few, too many and wrong arguments do nothing: what is returned is the neutral value, and what is wrong is said once
/// each time, with the argument's name.
pub(super) fn refused(game: &Game, methods: &[&Method]) {
    for place in PLACES {
        let reply = call(game, "call_wrongly", &json!([place]));
        let said = as_it_should(&reply);
        let takes_all = methods.iter().filter(|method| {
            let any = |argument: &samovar_api::Argument| argument.kind == Kind::Variant;
            let has_defaults = method
                .arguments
                .iter()
                .all(|argument| argument.default.is_some());
            method.vararg && has_defaults && method.arguments.iter().all(any)
        });
        assert_eq!(said + takes_all.count(), methods.len(), "{place}");
    }
}

/// Holds the errors of wrong calls against what they have to begin with. Returns of how many methods they are.
fn as_it_should(reply: &Reply) -> usize {
    let wanted = reply.value["said"].as_array().expect("a list");
    assert_eq!(reply.errors.len(), wanted.len());
    for (error, wanted) in reply.errors.iter().zip(wanted) {
        let wanted = wanted.as_str().expect("a text");
        assert!(error.starts_with(wanted), "{error} is not {wanted}");
    }
    let names = wanted
        .iter()
        .filter_map(|text| text.as_str()?.split(": ").nth(1));
    names.collect::<std::collections::BTreeSet<_>>().len()
}

#[test]
fn every_method_of_samovar_is_called_from_everywhere() {
    let source = repository_root().join("rust/godot/src");
    let sources = ["samovar.rs", "samovar_avatar.rs"].map(|name| source.join(name));
    let written = Written::read("Samovar", &sources).expect("the sources can be read");
    let kind = |rust: &str| Kind::from_rust(rust).expect("a type of GDScript's");
    let entries: Vec<Value> = written
        .methods
        .iter()
        .map(|(name, item)| {
            let returns = item.returns.as_deref().map_or(Kind::Void, kind);
            let kinds = item.arguments.iter().map(|(_, rust, _)| kind(rust).name());
            json!({
                "name": name,
                "names": item.arguments.iter().map(|(name, ..)| name).collect::<Vec<_>>(),
                "arguments": kinds.collect::<Vec<_>>(),
                "required": item.arguments.len(),
                "returns": returns.name(),
                "neutral": neutral(returns.neutral()),
                "more": false,
            })
        })
        .collect();
    let scenario = Scenario::new("every_call_samovar");
    let game = start(&scenario, &[], &entries);
    for is_running in [false, true] {
        if is_running {
            game.init(APP_ID);
        }
        for place in PLACES {
            let reply = call(&game, "call_wrongly", &json!([place, "Samovar"]));
            assert!(as_it_should(&reply) >= 9, "{place}");
        }
    }
    game.finish();
}
