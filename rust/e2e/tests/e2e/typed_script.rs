//! A script that names everything there is, statically typed, in a project where every warning is an error.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use samovar_api::{Argument, Enumeration, Kind, Method, Signal, Surface};
use samovar_e2e::{APP_ID, Game, ProjectOptions, Scenario};

use crate::api;

/// Every warning of GDScript's: `debug/gdscript/warnings/NAME`.
const WARNINGS: [&str; 45] = [
    "assert_always_false",
    "assert_always_true",
    "confusable_capture_reassignment",
    "confusable_identifier",
    "confusable_local_declaration",
    "confusable_local_usage",
    "deprecated_keyword",
    "empty_file",
    "enum_variable_without_default",
    "get_node_default_without_onready",
    "incompatible_ternary",
    "inference_on_variant",
    "inferred_declaration",
    "int_as_enum_without_cast",
    "int_as_enum_without_match",
    "integer_division",
    "missing_await",
    "missing_tool",
    "narrowing_conversion",
    "native_method_override",
    "onready_with_export",
    "redundant_await",
    "redundant_static_unload",
    "return_value_discarded",
    "shadowed_global_identifier",
    "shadowed_variable",
    "shadowed_variable_base_class",
    "standalone_expression",
    "standalone_ternary",
    "static_called_on_instance",
    "unassigned_variable",
    "unassigned_variable_op_assign",
    "unreachable_code",
    "unreachable_pattern",
    "unsafe_call_argument",
    "unsafe_cast",
    "unsafe_method_access",
    "unsafe_property_access",
    "unsafe_void_return",
    "untyped_declaration",
    "unused_local_constant",
    "unused_parameter",
    "unused_private_class_variable",
    "unused_signal",
    "unused_variable",
];

/// What ends Steam is called last.
const LAST: &str = "steamShutdown";

const HEAD: &str = "\
extends SceneTree

var _failures: int = 0
var _calls: int = 0
var _heard: int = 0
var _constants: int = 0


func _look(what: String, value: Variant, type: int) -> void:
\t_calls += 1
\tif typeof(value) != type:
\t\t_failures += 1
\t\tprint(\"FAIL %s: %s\" % [what, value])


func _heard_one(arguments: int) -> void:
\t_heard += 1
\tif arguments < 0:
\t\tprint(\"FAIL\")


func _equal(constant: String, value: int, wanted: int) -> void:
\t_constants += 1
\tif value != wanted:
\t\t_failures += 1
\t\tprint(\"FAIL %s: %d\" % [constant, value])

";

/// What a script of one's own can be written with.
struct Script<'a> {
    text: String,
    /// A value of each enum, as `Steam` has it.
    values: BTreeMap<&'a str, &'a str>,
}

impl<'a> Script<'a> {
    fn new(surface: &'a Surface) -> Self {
        let enums = surface.all_classes().flat_map(|class| &class.enums);
        let mut values = BTreeMap::new();
        for one in enums {
            let first = one.values.first().expect("an enum has values");
            values
                .entry(one.name.as_str())
                .or_insert(first.name.as_str());
        }
        Self {
            text: HEAD.to_owned(),
            values,
        }
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// The type of an argument or a result, as a script writes it.
    fn kind(kind: Kind, enumeration: Option<&Enumeration>) -> String {
        match enumeration {
            Some(one) if kind == Kind::Int => format!("Steam.{}", one.name),
            _ => kind.name().to_owned(),
        }
    }

    /// A harmless value.
    fn value(&self, argument: &Argument) -> String {
        match (&argument.enumeration, argument.kind) {
            (Some(one), Kind::Int) => format!("Steam.{}", self.values[one.name.as_str()]),
            (_, Kind::Variant) => "0".to_owned(),
            (_, kind) => kind.neutral().to_owned(),
        }
    }

    /// A function that calls a method with so many arguments.
    fn call(&mut self, prefix: &str, method: &Method, count: usize) {
        let name = &method.name;
        self.line(&format!("\nfunc {prefix}_{name}() -> void:"));
        let mut passed = Vec::new();
        for (index, argument) in method.arguments.iter().take(count).enumerate() {
            let kind = Self::kind(argument.kind, argument.enumeration.as_ref());
            let value = self.value(argument);
            self.line(&format!("\tvar argument_{index}: {kind} = {value}"));
            passed.push(format!("argument_{index}"));
        }
        let call = format!("Steam.{name}({})", passed.join(", "));
        if method.returns == Kind::Void {
            self.line(&format!("\t{call}\n\t_calls += 1"));
            return;
        }
        let kind = Self::kind(method.returns, method.returns_enum.as_ref());
        self.line(&format!("\tvar result: {kind} = {call}"));
        let looked = if method.returns == Kind::Variant {
            "typeof(result)".to_owned()
        } else {
            format!("typeof({})", typed(method.returns))
        };
        self.line(&format!("\t_look(\"{name}\", result, {looked})"));
    }

    /// Connects a handler with typed arguments to a signal, and sends the signal to it.
    fn signal(&mut self, signal: &Signal) {
        let name = &signal.name;
        let numbered = signal.arguments.iter().enumerate();
        let arguments: Vec<String> = numbered
            .map(|(index, one)| format!("_argument_{index}: {}", one.kind.name()))
            .collect();
        let values: Vec<String> = signal.arguments.iter().map(|one| self.value(one)).collect();
        let text = format!(
            "\nfunc _on_{name}({}) -> void:\n\t_heard_one({})\n\n\nfunc signal_{name}() -> void:\n\
             \tvar error: int = Steam.{name}.connect(_on_{name})\n\
             \t_look(\"{name}\", error, TYPE_INT)\n\
             \tSteam.{name}.emit({})\n\
             \tSteam.{name}.disconnect(_on_{name})",
            arguments.join(", "),
            arguments.len(),
            values.join(", ")
        );
        self.line(&text);
    }
}

/// An expression of a type.
fn typed(kind: Kind) -> String {
    match kind {
        Kind::Bool | Kind::Int | Kind::Float | Kind::String | Kind::Array | Kind::Dictionary => {
            kind.neutral().to_owned()
        }
        packed => format!("{}()", packed.name()),
    }
}

/// How many things a script names.
struct Counts {
    calls: usize,
    signals: usize,
    constants: usize,
}

/// The script, and what it has to count when it runs.
fn script(surface: &Surface) -> (String, Counts) {
    let mut script = Script::new(surface);
    let mut functions = Vec::new();
    let methods = surface.all_classes().flat_map(|class| &class.methods);
    let (last, methods): (Vec<&Method>, Vec<&Method>) =
        methods.partition(|method| method.name == LAST);
    let mut calls = 0;
    for method in &methods {
        let count = method.arguments.len();
        let defaults = method.arguments.iter();
        let required = count - defaults.filter(|one| one.default.is_some()).count();
        script.call("full", method, count);
        functions.push(format!("full_{}", method.name));
        if required < count {
            script.call("short", method, required);
            functions.push(format!("short_{}", method.name));
        }
        calls += 1 + usize::from(required < count);
    }
    let signals: Vec<&Signal> = surface
        .all_classes()
        .flat_map(|class| &class.signals)
        .collect();
    for signal in &signals {
        script.signal(signal);
        functions.push(format!("signal_{}", signal.name));
    }
    script.line("\nfunc properties() -> void:");
    for one in &surface.properties {
        let (name, kind) = (&one.name, one.kind.name());
        script.line(&format!("\tvar {name}: {kind} = Steam.{name}"));
        script.line(&format!("\tSteam.{name} = {name}"));
    }
    script.line("\nfunc constants() -> void:");
    let mut constants = 0;
    let enums = surface.all_classes().flat_map(|class| &class.enums);
    let values = enums.flat_map(|one| one.values.iter().map(move |value| (Some(&one.name), value)));
    let plain = surface.all_classes().flat_map(|class| &class.constants);
    for (number, (of, constant)) in values.chain(plain.map(|one| (None, one))).enumerate() {
        let kind = of.map_or("int".to_owned(), |name| format!("Steam.{name}"));
        let (name, value) = (&constant.name, constant.value);
        script.line(&format!("\tvar value_{number}: {kind} = Steam.{name}"));
        script.line(&format!("\t_equal(\"{name}\", value_{number}, {value})"));
        constants += 1;
    }
    functions.extend(["properties".to_owned(), "constants".to_owned()]);
    for method in &last {
        script.call("full", method, 0);
        functions.push(format!("full_{}", method.name));
        calls += 1;
    }
    script.line("\nfunc _initialize() -> void:");
    script.line(&format!(
        "\tvar started: bool = Steam.steamInit({APP_ID})\n\t_look(\"started\", started, TYPE_BOOL)"
    ));
    for function in functions {
        script.line(&format!("\t{function}()"));
    }
    script.line(
        "\tprint(\"COUNTS %d %d %d, %d failures\" % [_calls, _heard, _constants, _failures])",
    );
    script.line("\tif _failures == 0:\n\t\tprint(\"SAMOVAR-TEST OK\")\n\tquit(mini(_failures, 1))");
    let counts = Counts {
        // The connections and the start are looked at as well.
        calls: calls + signals.len() + 1,
        signals: signals.len(),
        constants,
    };
    (script.text, counts)
}

/// A project in which every warning is an error.
fn strict() -> ProjectOptions {
    let options = ProjectOptions::default().setting("debug/gdscript/warnings/enable", "true");
    WARNINGS.iter().fold(options, |options, warning| {
        options.setting(&format!("debug/gdscript/warnings/{warning}"), "2")
    })
}

fn run(scenario: &Scenario, path: &str, text: &str) -> Game {
    scenario.project().write(path, text);
    let game = scenario
        .launch("ann")
        .arg("--script")
        .arg(format!("res://{path}"))
        .start();
    let _ = game.wait_exit(Duration::from_secs(60));
    game
}

#[test]
fn a_typed_script_that_names_everything_compiles_without_a_warning_and_runs() {
    let surface = api::surface();
    let (text, counts) = script(&surface);
    let mut count = String::new();
    let Counts {
        calls,
        signals,
        constants,
    } = counts;
    let _ = write!(count, "COUNTS {calls} {signals} {constants}, 0 failures");
    let scenario = Scenario::with("typed_script", &strict());
    let game = run(&scenario, "typed_script.gd", &text);
    // Users and lobbies that are none are refused in the words of the method.
    let names: Vec<String> = surface
        .all_classes()
        .flat_map(|class| &class.methods)
        .map(|method| format!("ERROR: {}: ", method.name))
        .collect();
    for line in game.output().lines() {
        if names.iter().any(|name| line.text.starts_with(name)) {
            game.expect_error(&line.text);
        }
    }
    game.line(&count);
    game.wait_finished();
}

#[test]
fn what_is_wrong_in_a_typed_script_is_found() {
    let lines = [
        ("typed", "var x: int = Steam.getAppID()\n\tprint(x)"),
        // As the tutorials do.
        ("own enum", "Steam.createLobby(Kind.PUBLIC, 4)"),
        ("unknown name", "print(Steam.getAppIdentity())"),
        ("unknown constant", "print(Steam.RESULT_GREAT)"),
        ("too many", "print(Steam.getAppID(1))"),
        ("too few", "print(Steam.findLeaderboard())"),
        ("wrong type", "Steam.findLeaderboard(7)"),
        (
            "wrong result",
            "var x: String = Steam.getAppID()\n\tprint(x)",
        ),
        ("untyped", "var x = Steam.getAppID()\n\tprint(x)"),
        ("inferred", "var x := Steam.getAppID()\n\tprint(x)"),
        ("int as enum", "var x: Steam.PersonaState = 1\n\tprint(x)"),
        (
            "another enum",
            "var x: Steam.PersonaState = Steam.getFriendRelationship(0)\n\tprint(x)",
        ),
        ("fraction", "print(Steam.isLobby(0.5))"),
        ("discarded", "Steam.getAppID()"),
        ("property", "Steam.current_app_id = \"x\""),
    ];
    let mut text = String::from(
        "extends SceneTree\n\n\nfunc _initialize() -> void:\n\tvar sources: Dictionary[String, String] = {\n",
    );
    for (name, line) in lines {
        let source = format!(
            "extends RefCounted\n\nenum Kind {{PRIVATE, PUBLIC}}\n\n\nfunc f() -> void:\n\t{line}\n"
        );
        let _ = writeln!(text, "\t\t{name:?}: {source:?},");
    }
    text.push_str(
        "\t}\n\tfor name: String in sources:\n\t\tvar script: GDScript = GDScript.new()\n\
         \t\tscript.source_code = sources[name]\n\
         \t\tprint(\"COMPILED %s %s\" % [name, script.reload() == OK])\n\
         \tprint(\"SAMOVAR-TEST OK\")\n\tquit(0)\n",
    );
    let scenario = Scenario::with("typed_script_wrong", &strict());
    let game = run(&scenario, "wrong.gd", &text);
    for line in game.output().lines() {
        if line.text.starts_with("SCRIPT ERROR: ") {
            game.expect_error(&line.text);
        }
    }
    for (name, _) in lines {
        let compiles = ["typed", "own enum"].contains(&name);
        game.line(&format!("COMPILED {name} {compiles}"));
    }
    game.wait_finished();
}
