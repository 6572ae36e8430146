//! Marks the methods and signals of `Steam` and `Samovar` that are written by hand. What the marks say is read by the build
//! script of `samovar-godot`, which makes the tables of it that Godot's calls go through; the compiler has no use for them.

use proc_macro::TokenStream;
use quote::ToTokens;
use syn::{Attribute, FnArg, ImplItem, ItemImpl, parse_macro_input, parse_quote};

/// For a block of functions: those with `#[func]` are methods that scripts call, with `#[opt(default = ...)]` at arguments
/// that may be left out, and those with `#[signal]` and no body are signals.
#[proc_macro_attribute]
pub fn api(_arguments: TokenStream, block: TokenStream) -> TokenStream {
    let mut block = parse_macro_input!(block as ItemImpl);
    // A signal has no body, which is no function to syn.
    block
        .items
        .retain(|item| !matches!(item, ImplItem::Verbatim(_)));
    for item in &mut block.items {
        let ImplItem::Fn(function) = item else {
            continue;
        };
        if take(&mut function.attrs, "func") {
            // The tables call it.
            function.vis = parse_quote!(pub(crate));
        }
        for argument in &mut function.sig.inputs {
            if let FnArg::Typed(argument) = argument {
                take(&mut argument.attrs, "opt");
            }
        }
    }
    block.into_token_stream().into()
}

/// Takes a mark away. Returns whether it was there.
fn take(attributes: &mut Vec<Attribute>, mark: &str) -> bool {
    let count = attributes.len();
    attributes.retain(|attribute| !attribute.path().is_ident(mark));
    attributes.len() < count
}
