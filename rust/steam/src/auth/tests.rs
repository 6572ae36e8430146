use samovar_net::Credential;

use super::*;

const APP: u32 = 480;
const NOW: Millis = Millis(1_700_000_000_000);

/// Finding a key takes a moment, so the tests share some.
fn identity(number: usize) -> Arc<Identity> {
    use std::sync::LazyLock;
    static IDENTITIES: LazyLock<[Arc<Identity>; 3]> =
        LazyLock::new(|| std::array::from_fn(|_| Arc::new(Identity::generate())));
    Arc::clone(&IDENTITIES[number])
}

fn user(number: usize) -> (Auth, SteamId) {
    let identity = identity(number);
    let id = identity.steam_id();
    (Auth::new(identity, APP), id)
}

/// Hands on what the two tell each other, and returns what was told.
fn talk(ann: &mut Auth, bob: &mut Auth) -> Vec<AuthTell> {
    let mut all = Vec::new();
    loop {
        let from_ann = ann.poll_tell();
        let from_bob = bob.poll_tell();
        if from_ann.is_none() && from_bob.is_none() {
            return all;
        }
        if let Some((to, tell)) = from_ann {
            assert_eq!(to, bob.me());
            bob.told(ann.me(), tell);
            all.push(tell);
        }
        if let Some((to, tell)) = from_bob {
            assert_eq!(to, ann.me());
            ann.told(bob.me(), tell);
            all.push(tell);
        }
    }
}

fn responses(auth: &mut Auth) -> Vec<(SteamId, i32)> {
    std::iter::from_fn(|| auth.poll_callback())
        .filter_map(|callback| match callback {
            Callback::ValidateAuthTicketResponse {
                user,
                response,
                owner,
            } => {
                assert_eq!(owner, user);
                Some((user, response))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn a_ticket_proves_its_owner_once() {
    let ((mut ann, ann_id), (mut bob, _)) = (user(0), user(1));
    let (handle, sealed) = ann.ticket(NOW, None, 7).unwrap();
    assert!(handle > 0 && sealed.len() <= MAX_TICKET);
    assert_eq!(
        ann.poll_callback(),
        Some(Callback::GetAuthSessionTicketResponse {
            ticket: handle,
            result: 1
        })
    );
    assert_eq!(bob.begin(NOW, &sealed, ann_id), BeginAuthSession::Ok);
    assert!(bob.is_authenticated(ann_id));
    assert_eq!(responses(&mut bob), [(ann_id, RESPONSE_OK)]);
    for _ in 0..2 {
        assert_eq!(
            bob.begin(NOW, &sealed, ann_id),
            BeginAuthSession::DuplicateRequest
        );
        bob.end(ann_id);
        assert!(!bob.is_authenticated(ann_id));
    }
    // Another ticket begins another session, but not two at once.
    let (_, second) = ann.ticket(NOW, None, 8).unwrap();
    let (_, third) = ann.ticket(NOW, None, 9).unwrap();
    assert_eq!(bob.begin(NOW, &second, ann_id), BeginAuthSession::Ok);
    assert_eq!(
        bob.begin(NOW, &third, ann_id),
        BeginAuthSession::DuplicateRequest
    );
    bob.end(ann_id);
    assert_eq!(bob.begin(NOW, &third, ann_id), BeginAuthSession::Ok);
}

#[test]
fn a_ticket_is_its_owners_for_its_recipient_in_its_app() {
    let ((mut ann, ann_id), (mut bob, bob_id), (mut eve, eve_id)) = (user(0), user(1), user(2));
    let (_, for_bob) = ann.ticket(NOW, Some(bob_id), 1).unwrap();
    assert_eq!(
        eve.begin(NOW, &for_bob, ann_id),
        BeginAuthSession::InvalidTicket
    );
    assert_eq!(
        bob.begin(NOW, &for_bob, eve_id),
        BeginAuthSession::InvalidTicket
    );
    let mut elsewhere = Auth::new(identity(1), APP + 1);
    assert_eq!(
        elsewhere.begin(NOW, &for_bob, ann_id),
        BeginAuthSession::GameMismatch
    );
    assert_eq!(bob.begin(NOW, &for_bob, ann_id), BeginAuthSession::Ok);
    assert!(responses(&mut eve).is_empty() && responses(&mut elsewhere).is_empty());
}

#[test]
fn a_ticket_that_eve_signs_in_anns_name_is_refused() {
    let ((mut bob, _), ann_id) = (user(1), identity(0).steam_id());
    let eve = identity(2);
    let ticket = Ticket::new(NOW, APP, None, 1);
    let mut forged = ticket.seal(&eve);
    assert_eq!(
        bob.begin(NOW, &forged, ann_id),
        BeginAuthSession::InvalidTicket
    );
    // With Ann's key in the place of Eve's.
    let from = postcard::to_stdvec(&identity(0).credential()).unwrap();
    forged[64..64 + from.len()].copy_from_slice(&from);
    assert_eq!(
        bob.begin(NOW, &forged, ann_id),
        BeginAuthSession::InvalidTicket
    );
    // With Eve's key and Ann's modifier, which give nobody's ID, or in any case not Ann's.
    let mixed = Credential {
        modifier: identity(0).modifier(),
        ..eve.credential()
    };
    let mut forged = ticket.seal(&eve);
    forged[64..64 + from.len()].copy_from_slice(&postcard::to_stdvec(&mixed).unwrap());
    assert_eq!(
        bob.begin(NOW, &forged, ann_id),
        BeginAuthSession::InvalidTicket
    );
}

#[test]
fn every_truncation_and_every_changed_byte_is_refused() {
    let ((mut ann, ann_id), (mut bob, bob_id)) = (user(0), user(1));
    let (_, sealed) = ann.ticket(NOW, Some(bob_id), u64::MAX).unwrap();
    let mut refused = |bytes: &[u8]| {
        assert_eq!(
            bob.begin(NOW, bytes, ann_id),
            BeginAuthSession::InvalidTicket
        );
    };
    for len in 0..sealed.len() {
        refused(&sealed[..len]);
    }
    for at in 0..sealed.len() {
        for flip in [1, 0x80, 0xff] {
            let mut changed = sealed.clone();
            changed[at] ^= flip;
            refused(&changed);
        }
    }
    refused(&[&sealed[..], &[0]].concat());
    refused(&[0; MAX_TICKET]);
    refused(&[0xff; MAX_TICKET + 1]);
    let mut noise = 1_u64;
    for len in 0..MAX_TICKET {
        let bytes: Vec<u8> = (0..len)
            .map(|_| {
                noise = noise
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                noise.to_be_bytes()[0]
            })
            .collect();
        refused(&bytes);
    }
    assert!(responses(&mut bob).is_empty());
    assert_eq!(bob.begin(NOW, &sealed, ann_id), BeginAuthSession::Ok);
}

#[test]
fn times_and_versions_are_kept_apart() {
    let ((mut ann, ann_id), (mut bob, _)) = (user(0), user(1));
    let (_, sealed) = ann.ticket(NOW, None, 1).unwrap();
    let end = NOW.plus(TICKET_LIFETIME_MS);
    assert_eq!(
        bob.begin(end, &sealed, ann_id),
        BeginAuthSession::ExpiredTicket
    );
    let long_before = Millis(NOW.0 - TICKET_LIFETIME_MS);
    assert_eq!(
        bob.begin(long_before, &sealed, ann_id),
        BeginAuthSession::InvalidTicket
    );
    let for_ever = Ticket {
        expires_ms: u64::MAX,
        ..Ticket::new(NOW, APP, None, 2)
    };
    assert_eq!(
        bob.begin(NOW, &for_ever.seal(&identity(0)), ann_id),
        BeginAuthSession::InvalidTicket
    );
    for version in [0, 2, u16::MAX] {
        let other = for_ever.seal_as(&identity(0), version);
        assert_eq!(
            bob.begin(NOW, &other, ann_id),
            BeginAuthSession::InvalidVersion
        );
    }
    let last = Millis(end.0 - 1);
    assert_eq!(bob.begin(last, &sealed, ann_id), BeginAuthSession::Ok);
}

#[test]
fn a_cancelled_ticket_ends_what_was_begun_with_it() {
    let ((mut ann, ann_id), (mut bob, bob_id)) = (user(0), user(1));
    let (handle, sealed) = ann.ticket(NOW, Some(bob_id), 7).unwrap();
    bob.begin(NOW, &sealed, ann_id);
    talk(&mut ann, &mut bob);
    assert_eq!(responses(&mut bob), [(ann_id, RESPONSE_OK)]);
    ann.cancel(handle);
    ann.cancel(handle);
    assert_eq!(
        talk(&mut ann, &mut bob),
        [AuthTell::TicketCancelled { ticket: 7 }]
    );
    assert_eq!(responses(&mut bob), [(ann_id, RESPONSE_TICKET_CANCELED)]);
    assert!(!bob.is_authenticated(ann_id));
    // Once is enough, whatever comes after it.
    bob.told(ann_id, AuthTell::TicketCancelled { ticket: 7 });
    bob.user_gone(ann_id);
    assert!(responses(&mut bob).is_empty());
}

#[test]
fn one_that_was_cancelled_before_is_so_at_once() {
    let ((mut ann, ann_id), (mut bob, _)) = (user(0), user(1));
    let (handle, sealed) = ann.ticket(NOW, None, 7).unwrap();
    ann.cancel(handle);
    assert_eq!(bob.begin(NOW, &sealed, ann_id), BeginAuthSession::Ok);
    talk(&mut ann, &mut bob);
    assert_eq!(
        responses(&mut bob),
        [(ann_id, RESPONSE_OK), (ann_id, RESPONSE_TICKET_CANCELED)]
    );
}

#[test]
fn nobody_cancels_the_ticket_of_another() {
    let ((mut ann, ann_id), (mut bob, _), (_, eve_id)) = (user(0), user(1), user(2));
    let (_, sealed) = ann.ticket(NOW, None, 7).unwrap();
    bob.begin(NOW, &sealed, ann_id);
    bob.told(eve_id, AuthTell::TicketCancelled { ticket: 7 });
    bob.told(ann_id, AuthTell::TicketCancelled { ticket: 8 });
    assert!(bob.is_authenticated(ann_id));
    assert_eq!(responses(&mut bob), [(ann_id, RESPONSE_OK)]);
}

#[test]
fn who_goes_offline_is_reported_and_hears_of_it_on_coming_back() {
    let ((mut ann, ann_id), (mut bob, bob_id)) = (user(0), user(1));
    let (handle, sealed) = ann.ticket(NOW, Some(bob_id), 7).unwrap();
    bob.user_gone(ann_id);
    bob.begin(NOW, &sealed, ann_id);
    while bob.poll_tell().is_some() {}
    bob.user_gone(ann_id);
    bob.user_gone(ann_id);
    assert_eq!(
        responses(&mut bob),
        [(ann_id, RESPONSE_OK), (ann_id, RESPONSE_USER_NOT_CONNECTED)]
    );
    assert!(!bob.is_authenticated(ann_id));
    // What was told while Ann was away is told again.
    ann.cancel(handle);
    bob.user_online(ann_id);
    talk(&mut ann, &mut bob);
    assert_eq!(responses(&mut bob), [(ann_id, RESPONSE_TICKET_CANCELED)]);
    bob.end(ann_id);
    bob.user_online(ann_id);
    assert_eq!(bob.poll_tell(), None);
}

#[test]
fn a_user_checks_its_own_ticket_without_telling_anybody() {
    let (mut ann, ann_id) = user(0);
    let (handle, sealed) = ann.ticket(NOW, Some(ann_id), 7).unwrap();
    assert_eq!(ann.begin(NOW, &sealed, ann_id), BeginAuthSession::Ok);
    ann.cancel(handle);
    assert_eq!(
        responses(&mut ann),
        [(ann_id, RESPONSE_OK), (ann_id, RESPONSE_TICKET_CANCELED)]
    );
    assert_eq!(ann.poll_tell(), None);
}

#[test]
fn tickets_and_their_users_are_bounded() {
    let ((mut ann, _), (_, bob_id)) = (user(0), user(1));
    for number in 0..MAX_TICKETS as u64 {
        ann.ticket(NOW, None, number).unwrap();
    }
    assert_eq!(ann.ticket(NOW, None, 9999), Err(TicketError::TooMany));
    for number in 0..2 * MAX_VERIFIERS as u64 {
        let verifier = SteamId::individual(0x5_0000_0000 + number);
        ann.told(verifier, AuthTell::TicketUsed { ticket: 0 });
    }
    assert_eq!(ann.issued[&1].verifiers.len(), MAX_VERIFIERS);
    for number in 0..2 * MAX_TELLS as u64 {
        ann.told(
            bob_id,
            AuthTell::TicketUsed {
                ticket: 1 << 40 | number,
            },
        );
    }
    assert_eq!(ann.tells.len(), MAX_ANSWERS);
    for ticket in 0..2 * MAX_TELLS as u64 {
        ann.tell(bob_id, AuthTell::TicketUsed { ticket });
    }
    assert_eq!(ann.tells.len(), MAX_TELLS);
    // Those that have expired make room.
    let later = NOW.plus(TICKET_LIFETIME_MS);
    ann.ticket(later, None, 9999).unwrap();
    assert_eq!(ann.issued.len(), 1);
}

#[test]
fn a_used_ticket_stays_used_however_many_follow() {
    let ((_, ann_id), (mut bob, _)) = (user(0), user(1));
    let ticket = |number: u64| Ticket::new(NOW.plus(number), APP, None, number).seal(&identity(0));
    let later = NOW.plus(1000);
    for number in 0..3 * MAX_USED as u64 {
        assert_eq!(
            bob.begin(later, &ticket(number), ann_id),
            BeginAuthSession::Ok
        );
        bob.end(ann_id);
    }
    assert_eq!(bob.users[&ann_id].used.len(), MAX_USED);
    for number in 0..3 * MAX_USED as u64 {
        let result = bob.begin(later, &ticket(number), ann_id);
        assert!(
            matches!(
                result,
                BeginAuthSession::ExpiredTicket | BeginAuthSession::DuplicateRequest
            ),
            "{number}: {result:?}"
        );
    }
}

#[test]
fn a_crowd_of_users_is_refused_until_some_have_left() {
    let ((mut ann, ann_id), (mut bob, _)) = (user(0), user(1));
    for number in 0..MAX_AUTHENTICATED as u64 {
        let other = bob.users.entry(SteamId::individual(0x5_0000_0000 + number));
        other.or_default().expires_ms = NOW.0 + 1;
    }
    let (_, sealed) = ann.ticket(NOW, None, 7).unwrap();
    assert_eq!(
        bob.begin(NOW, &sealed, ann_id),
        BeginAuthSession::InvalidTicket
    );
    assert_eq!(
        bob.begin(NOW.plus(1), &sealed, ann_id),
        BeginAuthSession::Ok
    );
    assert_eq!(bob.users.len(), 1);
}
