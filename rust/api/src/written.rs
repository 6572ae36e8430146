//! What of the class `Steam` is written by hand, read from its Rust sources.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use syn::{
    Attribute, Expr, FnArg, ImplItem, ImplItemFn, Item as RustItem, Lit, Meta, Pat, ReturnType,
    Type,
};

use crate::{Error, read};

/// The module of the functions that take the forms of several versions.
const FORMS: &str = "forms";

/// A class's hand-written part.
#[derive(Debug, Default)]
pub struct Written {
    /// What is told of the class itself.
    pub help: String,
    /// `#[func]`s, by their names.
    pub methods: BTreeMap<String, Item>,
    /// Functions of the module `forms`, which take arguments of any number and type. Their arguments are not known here.
    pub forms: BTreeMap<String, Item>,
    /// `#[signal]`s, by their names.
    pub signals: BTreeMap<String, Item>,
    /// What cannot be held against the API as it is written.
    pub unclear: Vec<String>,
}

/// A hand-written method or signal.
#[derive(Debug, Default)]
pub struct Item {
    /// Its arguments: name, type as Rust spells it, default as Rust spells it.
    pub arguments: Vec<(String, String, Option<String>)>,
    /// What it returns, as Rust spells it.
    pub returns: Option<String>,
    /// Its doc comment.
    pub help: String,
}

impl Written {
    /// Reads what `class` has in these sources and in the modules that they declare.
    ///
    /// # Errors
    /// A file that cannot be read, or is no Rust.
    pub fn read(class: &str, sources: &[PathBuf]) -> Result<Self, Error> {
        let mut written = Self::default();
        for source in sources {
            written.file(class, source)?;
        }
        Ok(written)
    }

    fn file(&mut self, class: &str, path: &Path) -> Result<(), Error> {
        let file = syn::parse_file(&read(path)?).map_err(|error| Error::Parse {
            path: path.to_owned(),
            error: error.to_string(),
        })?;
        // Where the modules that it declares are: beside `steam.rs` in `steam`.
        self.items(class, &path.with_extension(""), file.items)
    }

    fn items(&mut self, class: &str, folder: &Path, items: Vec<RustItem>) -> Result<(), Error> {
        let is_forms = folder.components().any(|part| part.as_os_str() == FORMS);
        for item in items {
            match item {
                RustItem::Mod(module) => {
                    self.unconditional(&module.attrs, &name(&module.ident));
                    let below = folder.join(name(&module.ident));
                    match module.content {
                        Some((_, items)) => self.items(class, &below, items)?,
                        None => self.file(class, &below.with_extension("rs"))?,
                    }
                }
                RustItem::Impl(block) if type_name(&block.self_ty) == class => {
                    self.unconditional(&block.attrs, "a block of functions");
                    for item in block.items {
                        if let ImplItem::Fn(function) = item {
                            self.function(&function);
                        } else if let ImplItem::Verbatim(tokens) = item {
                            // A signal has no body, which is no function to syn.
                            if let Ok(signal) = syn::parse2::<syn::TraitItemFn>(tokens) {
                                self.unconditional(&signal.attrs, &name(&signal.sig.ident));
                                let (_, item) = signature(&signal.attrs, &signal.sig);
                                self.signals.insert(name(&signal.sig.ident), item);
                            }
                        }
                    }
                }
                RustItem::Struct(one) if one.ident == class => {
                    self.help = docs(&one.attrs);
                }
                RustItem::Fn(function) if is_forms && is_of_the_crate(&function.vis) => {
                    self.unconditional(&function.attrs, &name(&function.sig.ident));
                    let item = Item {
                        help: docs(&function.attrs),
                        ..Item::default()
                    };
                    self.forms.insert(name(&function.sig.ident), item);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What is there on one system only, or under another name, is not what this sees of it.
    fn unconditional(&mut self, attributes: &[Attribute], what: &str) {
        for attribute in attributes {
            let path = attribute.path();
            let is_plain = matches!(attribute.meta, Meta::Path(_));
            if path.is_ident("cfg") || path.is_ident("cfg_attr") || path.is_ident("path") {
                self.unclear
                    .push(format!("{what} is there under a condition, or elsewhere"));
            } else if (path.is_ident("func") || path.is_ident("signal")) && !is_plain {
                self.unclear
                    .push(format!("{what} is registered otherwise than it is written"));
            }
        }
    }

    fn function(&mut self, function: &ImplItemFn) {
        let has = |wanted: &str| {
            function
                .attrs
                .iter()
                .any(|attribute| attribute.path().is_ident(wanted))
        };
        if has("func") || has("signal") {
            self.unconditional(&function.attrs, &name(&function.sig.ident));
        }
        let (_, item) = signature(&function.attrs, &function.sig);
        if has("func") {
            self.methods.insert(name(&function.sig.ident), item);
        } else if has("signal") {
            self.signals.insert(name(&function.sig.ident), item);
        }
    }
}

/// `pub(crate)`.
fn is_of_the_crate(visibility: &syn::Visibility) -> bool {
    matches!(visibility, syn::Visibility::Restricted(one) if one.path.is_ident("crate"))
}

fn signature(attributes: &[Attribute], signature: &syn::Signature) -> (String, Item) {
    let arguments = signature
        .inputs
        .iter()
        .filter_map(|input| {
            let FnArg::Typed(typed) = input else {
                return None;
            };
            let Pat::Ident(pattern) = &*typed.pat else {
                return None;
            };
            let default = typed.attrs.iter().find_map(default);
            Some((name(&pattern.ident), type_name(&typed.ty), default))
        })
        .collect();
    let returns = match &signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, kind) => Some(type_name(kind)),
    };
    let item = Item {
        arguments,
        returns,
        help: docs(attributes),
    };
    (name(&signature.ident), item)
}

/// What `#[opt(default = ...)]` says.
fn default(attribute: &Attribute) -> Option<String> {
    let Meta::List(list) = &attribute.meta else {
        return None;
    };
    if !list.path.is_ident("opt") {
        return None;
    }
    let pair: syn::MetaNameValue = list.parse_args().ok()?;
    Some(literal(&pair.value).unwrap_or_else(|| "?".to_owned()))
}

/// A literal, alone or in a type of one field.
fn literal(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Bool(value) => Some(value.value.to_string()),
            Lit::Int(value) => Some(value.base10_digits().to_owned()),
            Lit::Str(value) => Some(format!("{:?}", value.value())),
            _ => None,
        },
        Expr::Call(call) => call.args.first().and_then(literal),
        _ => None,
    }
}

/// A name, without what Rust writes before one that is a keyword.
fn name(ident: &syn::Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}

/// The last part of a type's path. One that is of something, as a typed array is, must not look like the plain one.
fn type_name(kind: &Type) -> String {
    let Type::Path(path) = kind else {
        return String::new();
    };
    let Some(segment) = path.path.segments.last() else {
        return String::new();
    };
    match segment.arguments {
        syn::PathArguments::None => segment.ident.to_string(),
        _ => format!("{}<..>", segment.ident),
    }
}

/// A doc comment's lines.
fn docs(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        let Expr::Lit(literal) = &pair.value else {
            return None;
        };
        match &literal.lit {
            Lit::Str(text) if pair.path.is_ident("doc") => Some(text.value().trim().to_owned()),
            _ => None,
        }
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
