use std::collections::HashSet;
use std::fs;
use std::sync::Barrier;

use super::*;

const APP: u32 = 480;

#[test]
fn a_profile_is_the_same_the_next_day() {
    let dir = tempfile::tempdir().unwrap();
    let first = claim(dir.path(), APP, Some("alice")).unwrap();
    let (id, name) = (first.steam_id(), first.persona_name().to_owned());
    assert!(id.is_individual());
    drop(first);
    let second = claim(dir.path(), APP, Some("alice")).unwrap();
    assert_eq!((second.steam_id(), second.persona_name()), (id, &*name));
    assert_eq!(second.name().as_str(), "alice");
}

#[test]
fn the_next_free_profile_is_claimed_and_a_freed_one_again() {
    let dir = tempfile::tempdir().unwrap();
    let names = |profiles: &[&Profile]| {
        profiles
            .iter()
            .map(|p| p.name().to_string())
            .collect::<Vec<_>>()
    };
    let one = claim(dir.path(), APP, None).unwrap();
    let two = claim(dir.path(), APP, None).unwrap();
    let three = claim(dir.path(), APP, None).unwrap();
    assert_eq!(names(&[&one, &two, &three]), ["1", "2", "3"]);
    let id = two.steam_id();
    drop(two);
    let again = claim(dir.path(), APP, None).unwrap();
    assert_eq!((again.name().as_str(), again.steam_id()), ("2", id));
}

#[test]
fn a_profile_in_use_or_a_bad_name_is_a_clear_error() {
    let dir = tempfile::tempdir().unwrap();
    let _one = claim(dir.path(), APP, None).unwrap();
    let error = claim(dir.path(), APP, Some("1")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "profile \"1\" is in use by another process of this app"
    );
    let error = claim(dir.path(), APP, Some("../x")).unwrap_err();
    assert!(
        matches!(
            error,
            ProfileError::BadName {
                reason: NameError::Character,
                ..
            }
        ),
        "{error}"
    );
    assert!(!dir.path().join("x").exists());
}

#[test]
fn claims_at_the_same_instant_get_different_profiles() {
    const CLAIMERS: usize = 10;
    let dir = tempfile::tempdir().unwrap();
    let barrier = Barrier::new(CLAIMERS);
    let profiles: Vec<Profile> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..CLAIMERS)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    claim(dir.path(), APP, None).unwrap()
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let ids: HashSet<_> = profiles.iter().map(Profile::steam_id).collect();
    let names: HashSet<_> = profiles
        .iter()
        .map(|profile| profile.name().to_string())
        .collect();
    assert_eq!((ids.len(), names.len()), (CLAIMERS, CLAIMERS));
    assert!((1..=CLAIMERS).all(|number| names.contains(&number.to_string())));
}

#[test]
fn a_creation_that_was_cut_short_is_finished() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("profiles/1");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("identity.toml"), "").unwrap();
    fs::write(folder.join("identity.toml.0123456789abcdef.tmp"), "key = ").unwrap();
    let profile = claim(dir.path(), APP, None).unwrap();
    let id = profile.steam_id();
    assert_eq!(profile.name().as_str(), "1");
    drop(profile);
    assert_eq!(claim(dir.path(), APP, None).unwrap().steam_id(), id);
    let mut names: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["480", "identity.lock", "identity.toml", "profile.toml"]
    );
}

#[test]
fn a_damaged_key_is_reported_or_skipped_but_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    drop(claim(dir.path(), APP, None).unwrap());
    let path = dir.path().join("profiles/1/identity.toml");
    let half = fs::read_to_string(&path)
        .unwrap()
        .replace("key = \"30", "key = \"31");
    for damage in [&*half, "key = ", &"x".repeat(100_000)] {
        fs::write(&path, damage).unwrap();
        assert!(matches!(
            claim(dir.path(), APP, Some("1")),
            Err(ProfileError::Damaged { .. })
        ));
        assert_eq!(claim(dir.path(), APP, None).unwrap().name().as_str(), "2");
        assert_eq!(fs::read_to_string(&path).unwrap(), damage);
    }
}

#[test]
fn the_name_can_be_edited_by_hand_and_changed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("profiles/1/profile.toml");
    let name = |text: Option<&str>| {
        if let Some(text) = text {
            fs::write(&path, text).unwrap();
        }
        claim(dir.path(), APP, None)
            .unwrap()
            .persona_name()
            .to_owned()
    };
    let default = name(None);
    assert_eq!(name(Some("name = \"Zoë \\\"Z\\\"\"")), "Zoë \"Z\"");
    for unusable in ["name = 7", "name = \" \"", "nonsense", "other = 1"] {
        assert_eq!(name(Some(unusable)), default);
        assert_eq!(fs::read_to_string(&path).unwrap(), unusable);
    }
    let mut profile = claim(dir.path(), APP, None).unwrap();
    assert!(profile.set_persona_name("Quote \" and \\"));
    assert!(!profile.set_persona_name("  "));
    write_persona_name(&profile.dir.join(PERSONA_FILE), profile.persona_name()).unwrap();
    assert_eq!(profile.persona_name(), "Quote \" and \\");
    drop(profile);
    assert_eq!(name(None), "Quote \" and \\");
}

#[test]
fn a_picture_stays_until_it_is_taken_away() {
    let dir = tempfile::tempdir().unwrap();
    let red = [255, 0, 0].repeat(picture::PICTURE_BYTES / 3);
    let red = Picture::from_pixels(red.into()).unwrap();
    let mut profile = claim(dir.path(), APP, None).unwrap();
    assert_eq!(profile.picture(), None);
    profile.set_avatar(Some(red.clone()));
    picture::store(&profile.dir, profile.picture()).unwrap();
    assert_eq!(profile.picture(), Some(&red));
    drop(profile);
    let mut profile = claim(dir.path(), APP, None).unwrap();
    assert_eq!(profile.picture(), Some(&red));
    profile.set_avatar(None);
    picture::store(&profile.dir, profile.picture()).unwrap();
    drop(profile);
    assert_eq!(claim(dir.path(), APP, None).unwrap().picture(), None);
}

#[cfg(unix)]
#[test]
fn the_key_is_the_users_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let profile = claim(dir.path(), APP, None).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&profile.dir), 0o700);
    assert_eq!(mode(&profile.dir.join("identity.toml")), 0o600);
}

#[test]
fn a_user_is_in_several_apps_at_once() {
    let dir = tempfile::tempdir().unwrap();
    for wanted in [None, Some("ann")] {
        let one = claim(dir.path(), APP, wanted).unwrap();
        let other = claim(dir.path(), APP + 1, wanted).unwrap();
        assert_eq!(one.steam_id(), other.steam_id());
        assert_eq!(one.name(), other.name());
        // Of each app one process at a time.
        assert!(matches!(
            claim(dir.path(), APP + 1, Some(one.name().as_str())),
            Err(ProfileError::InUse { .. })
        ));
        drop(one);
        assert!(matches!(
            claim(dir.path(), APP + 1, Some(other.name().as_str())),
            Err(ProfileError::InUse { .. })
        ));
    }
}

#[test]
fn what_other_apps_use_does_not_change_who_a_user_is() {
    let dir = tempfile::tempdir().unwrap();
    let alone = claim(dir.path(), APP, None).unwrap().steam_id();
    let others = [1, 2, 3].map(|app| claim(dir.path(), app, None).unwrap());
    let beside = claim(dir.path(), APP, None).unwrap();
    assert_eq!(beside.steam_id(), alone);
    assert!(others.iter().all(|other| other.steam_id() == alone));
}

/// As versions left it whose profiles were in use by one process of whatever app.
#[test]
fn a_profile_of_the_old_layout_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let profile = claim(dir.path(), APP, None).unwrap();
    let (id, folder) = (profile.steam_id(), profile.dir.clone());
    drop(profile);
    fs::remove_dir_all(folder.join("480")).unwrap();
    let lock = fs::File::create(folder.join("lock")).unwrap();
    // Such a version still runs.
    lock.lock().unwrap();
    assert_eq!(claim(dir.path(), APP, None).unwrap().steam_id(), id);
}

#[test]
fn a_new_profile_that_many_apps_claim_at_once_has_one_key_and_one_name() {
    const APPS: u32 = 8;
    let dir = tempfile::tempdir().unwrap();
    let barrier = Barrier::new(APPS as usize);
    let who: HashSet<(SteamId, String)> = std::thread::scope(|scope| {
        let all: Vec<_> = (1..=APPS)
            .map(|app| {
                let (dir, barrier) = (dir.path(), &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let profile = claim(dir, app, Some("new")).unwrap();
                    (profile.steam_id(), profile.persona_name().to_owned())
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(who.len(), 1, "{who:?}");
}
