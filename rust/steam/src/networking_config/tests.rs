//! Bounds, defaults, and what they come to.

use super::*;

#[test]
fn every_value_has_a_number_of_its_own_and_a_default_that_it_can_have() {
    let numbers: std::collections::BTreeSet<i32> =
        CONFIG.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers.len(), CONFIG.len());
    let mut config = NetworkingConfig::default();
    for entry in &CONFIG {
        let number = i64::from(entry.number);
        config.set(number, entry.default).unwrap();
        for value in [entry.least, entry.most] {
            config.set(number, value).unwrap();
            assert_eq!(config.value(number), Some(value));
        }
        for (value, bound) in [
            (entry.least - 1.0, entry.least),
            (entry.most + 1.0, entry.most),
            (f64::INFINITY, entry.most),
        ] {
            config.set(number, value).unwrap();
            assert_eq!(config.value(number), Some(bound), "{}", entry.name);
        }
        assert_eq!(config.set(number, f64::NAN), Err(ConfigError::NotANumber));
    }
}

#[test]
fn the_defaults_are_those_of_the_sessions_and_change_nothing_on_the_way() {
    let config = NetworkingConfig::default();
    let mut sessions = SessionConfig::default();
    config.apply(&mut sessions);
    assert_eq!(sessions, SessionConfig::default());
    let (sending, receiving) = config.conditions();
    assert!(sending.is_perfect() && receiving.is_perfect());
    assert_eq!(
        (sending, receiving),
        (Conditions::default(), Conditions::default())
    );
}

#[test]
fn packets_are_bounded_once_that_is_set() {
    let mut config = NetworkingConfig::default();
    assert_eq!(
        (config.value(32), config.value(33)),
        (Some(1300.0), Some(1200.0))
    );
    assert_eq!(config.packet_size(), MAX_PACKET_SIZE);
    for (set, packet, data) in [
        (1300.0, 1300, 1200.0),
        (1250.0, 1250, 1150.0),
        (1.0, 200, 100.0),
    ] {
        config.set(32, set).unwrap();
        assert_eq!(config.packet_size(), packet);
        assert_eq!(config.value(33), Some(data));
    }
    assert_eq!(config.set(33, 1000.0), Err(ConfigError::ReadOnly(33)));
}

#[test]
fn each_direction_has_its_own() {
    let mut config = NetworkingConfig::default();
    config.set(2, 2.5).unwrap();
    config.set(5, 80.9).unwrap();
    let (sending, receiving) = config.conditions();
    assert!((sending.loss_percent - 2.5).abs() < f32::EPSILON);
    assert_eq!(receiving.lag, Duration::from_millis(81));
    assert!(sending.lag.is_zero() && receiving.loss_percent == 0.0);
    assert_eq!(config.set(1, 0.0), Err(ConfigError::Unknown(1)));
}
