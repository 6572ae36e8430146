use samovar_lobby::{Persona, RichPresence};
use samovar_net::Identity;

use super::*;

fn key() -> SealKey {
    SealKey::from_seed(&[1; 32]).expect("any 32 bytes are a seed")
}

fn host() -> Host {
    let mut host = Host::new(
        DirectoryConfig::default(),
        DirectoryId(1),
        1,
        [1; 32],
        key(),
    );
    host.opened(Client::Local, PublicKey([7; 32]));
    host
}

fn say(host: &mut Host, bytes: Vec<u8>) {
    host.frame(Millis(1), Client::Local, Bytes::from(bytes));
    host.begin_turn(Millis(1));
    host.work(Millis(1), |_| 0);
}

fn hello_of(identity: &Identity, app_id: u32) -> Hello {
    Hello {
        protocol: PROTOCOL_VERSION,
        modifier: identity.modifier(),
        app_id,
        persona: Persona::named("Ada"),
        rich_presence: RichPresence::new(),
        instance: 1,
        machine: 1,
        is_returning: false,
        is_asking: false,
        news: None,
        resume: Vec::new(),
    }
}

fn refusal(host: &mut Host) -> Option<Refusal> {
    match host.poll_output()? {
        HostOutput::Send { frame, .. } => match frame::decode(&frame) {
            Ok(FromDirectory::Refused(refusal)) => Some(refusal),
            other => panic!("the answer is {other:?}"),
        },
        other => panic!("{other:?} without a word"),
    }
}

#[test]
fn a_hello_of_another_version_is_refused_as_such_whatever_follows_the_number() {
    let plain = 0;
    let hello = 0;
    for (rest, wanted) in [
        (&[1][..], Refusal::ProtocolMismatch),
        (&[1, 9, 9, 9], Refusal::ProtocolMismatch),
        (&[0xff, 0x7f, 1, 2, 3], Refusal::ProtocolMismatch),
        (&[], Refusal::Protocol),
        (&[0xff, 0xff, 0xff], Refusal::Protocol),
    ] {
        let mut host = host();
        let bytes = [&[plain, hello], rest].concat();
        say(&mut host, bytes);
        assert_eq!(refusal(&mut host), Some(wanted), "{rest:?}");
    }
    let mut host = host();
    let own = u8::try_from(PROTOCOL_VERSION).expect("small");
    say(&mut host, vec![plain, hello, own, 9]);
    assert_eq!(refusal(&mut host), Some(Refusal::Protocol));
}

#[test]
fn a_directory_of_one_app_refuses_users_of_others_and_takes_its_own() {
    let identity = Identity::generate();
    let config = DirectoryConfig {
        app_id: Some(480),
        ..DirectoryConfig::default()
    };
    let mut host = Host::new(config, DirectoryId(1), 1, [1; 32], key());
    for (app_id, wanted) in [(481, Some(Refusal::OtherApp)), (480, None)] {
        host.opened(Client::Local, identity.public_key());
        let hello = ToDirectory::Hello(hello_of(&identity, app_id));
        let hello = frame::encode(&hello).expect("it fits");
        say(&mut host, hello);
        let mut said = Vec::new();
        while let Some(output) = host.poll_output() {
            if let HostOutput::Send { frame, .. } = output {
                said.push(frame::decode(&frame).expect("a frame"));
            }
        }
        let refused = said.iter().find_map(|said| match said {
            FromDirectory::Refused(refusal) => Some(*refusal),
            _ => None,
        });
        assert_eq!(refused, wanted, "{app_id}: {said:?}");
    }
    assert_eq!(host.user_count(), 1);
}

#[test]
fn a_link_ends_with_its_goodbye() {
    let identity = Identity::generate();
    let mut host = Host::new(
        DirectoryConfig::default(),
        DirectoryId(1),
        1,
        [1; 32],
        key(),
    );
    host.opened(Client::Local, identity.public_key());
    let hello = hello_of(&identity, 480);
    let mut said = |message: &ToDirectory| {
        say(&mut host, frame::encode(message).expect("fits"));
        std::iter::from_fn(|| host.poll_output()).collect::<Vec<_>>()
    };
    let hello = ToDirectory::Hello(hello);
    assert!(!said(&hello).is_empty(), "welcomed");
    let last = said(&ToDirectory::Bye).pop();
    assert!(
        matches!(last, Some(HostOutput::Close { reason, .. }) if reason == HOST_GOODBYE),
        "{last:?}"
    );
    // Anew it would have all its rates anew.
    assert!(said(&hello).is_empty());
    assert_eq!(host.user_count(), 0);
}
