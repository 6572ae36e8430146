//! The virtual methods of Godot's `MultiplayerPeerExtension` and `PacketPeerExtension`, which it calls for each packet:
//! nothing is looked up, converted or allocated here.

// Godot passes raw pointers.
#![allow(unsafe_code)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use godot::global::godot_error;
use godot::obj::InstanceId;
use godot::sys;
use samovar_steam::multiplayer_peer::{MAX_PACKET, PeerStatus, TransferMode};

use super::class::{NativeClass, Virtual, kept};
use super::{GodotError, SteamMultiplayerPeer, SteamPacketPeer, live};
use crate::surface::{Instance, Receiver};

/// The arguments of a call: pointers to values, as Godot's calls with the declared types have them. Each answer reads those
/// of the method that it is for, whose declaration Godot's class reference has.
#[derive(Clone, Copy)]
struct Arguments(*const sys::GDExtensionConstTypePtr);

impl Arguments {
    /// The argument of this index, which is of this type.
    fn get<T: Copy>(self, index: usize) -> T {
        // SAFETY: see above.
        unsafe { (*self.0.add(index)).cast::<T>().read() }
    }

    /// An `int` of 32 bits, for which Godot passes 64.
    fn int(self, index: usize) -> i32 {
        i32::try_from(self.get::<i64>(index)).unwrap_or(0)
    }

    /// A `bool`.
    fn bool(self, index: usize) -> bool {
        self.get::<u8>(index) != 0
    }

    /// What `_put_packet` has to send: a pointer, and to how many bytes.
    fn data(self) -> Data {
        Data(self.get(0), self.int(1))
    }

    /// Gives Godot a packet's bytes, in the two places that `_get_packet` has for them.
    fn give(self, data: &[u8]) {
        let (bytes, count) = (self.get::<*mut *const u8>(0), self.get::<*mut i32>(1));
        // SAFETY: Godot waits for a pointer and an `int32_t` there.
        unsafe {
            bytes.write(data.as_ptr());
            count.write(length(data.len()));
        }
    }
}

/// Bytes that live for the call.
struct Data(*const u8, i32);

impl Data {
    fn bytes(&self) -> &[u8] {
        match usize::try_from(self.1) {
            // SAFETY: Godot passes so many bytes.
            Ok(length) if !self.0.is_null() => unsafe {
                std::slice::from_raw_parts(self.0, length)
            },
            _ => &[],
        }
    }
}

type Multi = SteamMultiplayerPeer;
type One = SteamPacketPeer;

/// Makes a function that Godot calls of one that takes the object and the arguments, and returns what Godot wants. A panic is
/// an error, and the neutral value.
macro_rules! answer {
    ($class:ty, $result:ty, $answer:expr) => {{
        unsafe extern "C" fn call(
            instance: Instance,
            arguments: *const sys::GDExtensionConstTypePtr,
            result: sys::GDExtensionTypePtr,
        ) {
            // SAFETY: Godot calls it with an object of the class that it was asked for.
            let object = unsafe { <$class>::receiver(instance) };
            let answer: fn(&$class, Arguments) -> $result = $answer;
            let answered = catch_unwind(AssertUnwindSafe(|| answer(object, Arguments(arguments))));
            let value = answered.unwrap_or_else(|_| {
                failed(<$class>::NAME);
                <$result>::default()
            });
            // SAFETY: there is a place for a result of the declared type; for one without a result nothing is written.
            unsafe { Answer::put(value, result) };
        }
        Some(call as Virtual)
    }};
}

/// Says that a virtual method has panicked.
#[cold]
fn failed(class: &str) {
    godot_error!("{class}: a virtual method failed; this is a bug of Samovar");
}

/// A result of a virtual method.
trait Answer {
    /// # Safety
    /// There is a value of this type in that place.
    unsafe fn put(self, place: sys::GDExtensionTypePtr);
}

impl Answer for () {
    unsafe fn put(self, _place: sys::GDExtensionTypePtr) {}
}

impl Answer for bool {
    unsafe fn put(self, place: sys::GDExtensionTypePtr) {
        // SAFETY: the caller's.
        unsafe { place.cast::<u8>().write(u8::from(self)) };
    }
}

impl Answer for i64 {
    unsafe fn put(self, place: sys::GDExtensionTypePtr) {
        // SAFETY: the caller's.
        unsafe { place.cast::<i64>().write(self) };
    }
}

/// `MultiplayerPeer.TransferMode`.
fn number(mode: TransferMode) -> i64 {
    match mode {
        TransferMode::Unreliable => 0,
        TransferMode::UnreliableOrdered => 1,
        TransferMode::Reliable => 2,
    }
}

fn length(bytes: usize) -> i32 {
    i32::try_from(bytes).unwrap_or(i32::MAX)
}

impl SteamMultiplayerPeer {
    fn put_packet(&self, data: &[u8]) -> GodotError {
        let sent = self.peer.put_packet(
            self.target.load(Ordering::Relaxed),
            self.channel.load(Ordering::Relaxed),
            self.mode.get(),
            data,
        );
        match sent {
            Ok(()) => GodotError::OK,
            Err(error) => {
                self.say_unsent(error);
                GodotError::of(error)
            }
        }
    }

    /// The bytes of the next packet live until the one after it is taken.
    fn get_packet(&self, arguments: Arguments) -> GodotError {
        let mut current = self.current.lock();
        *current = self.peer.take_packet();
        let data = current.as_ref().map(|packet| &*packet.data);
        arguments.give(data.unwrap_or_default());
        data.map_or(GodotError::UNAVAILABLE, |_| GodotError::OK)
    }
}

impl NativeClass for SteamMultiplayerPeer {
    const NAME: &'static str = "SteamMultiplayerPeer";
    const BASE: &'static str = "MultiplayerPeerExtension";

    fn create(id: InstanceId) -> Arc<Self> {
        let peer = Arc::new(Self::new(id));
        live::MULTIPLAYER.add(id, &peer);
        peer
    }

    fn destroy(&self) {
        self.gone();
    }

    fn virtual_of(name: &str) -> Option<Virtual> {
        match name {
            "_poll" => {
                unsafe extern "C" fn poll(
                    instance: Instance,
                    _arguments: *const sys::GDExtensionConstTypePtr,
                    _result: sys::GDExtensionTypePtr,
                ) {
                    // SAFETY: Godot calls it with an object of this class. A handler may let that go.
                    let peer = unsafe { kept::<SteamMultiplayerPeer>(instance) };
                    if catch_unwind(AssertUnwindSafe(|| peer.poll())).is_err() {
                        failed(SteamMultiplayerPeer::NAME);
                    }
                }
                Some(poll)
            }
            "_get_packet" => answer!(Multi, i64, |peer, arguments| {
                // Also where it fails.
                arguments.give(&[]);
                peer.get_packet(arguments).0
            }),
            "_put_packet" => answer!(Multi, i64, |peer, arguments| peer
                .put_packet(arguments.data().bytes())
                .0),
            "_get_available_packet_count" => {
                answer!(Multi, i64, |peer, _| i64::from(length(
                    peer.peer.available()
                )))
            }
            "_get_max_packet_size" => answer!(Multi, i64, |_, _| i64::from(length(MAX_PACKET))),
            "_get_packet_channel" => answer!(Multi, i64, |peer, _| peer
                .peer
                .next_packet()
                .map_or(0, |packet| i64::from(packet.channel))),
            "_get_packet_mode" => answer!(Multi, i64, |peer, _| peer
                .peer
                .next_packet()
                .map_or(number(TransferMode::Reliable), |packet| number(packet.mode))),
            "_get_packet_peer" => answer!(Multi, i64, |peer, _| peer
                .peer
                .next_packet()
                .map_or(0, |packet| i64::from(packet.peer))),
            "_set_transfer_channel" => answer!(Multi, (), |peer, arguments| {
                let channel = arguments.int(0);
                if channel < 0 {
                    godot_error!(
                        "SteamMultiplayerPeer.transfer_channel: {channel} is not 0 or more"
                    );
                } else {
                    peer.channel.store(channel, Ordering::Relaxed);
                }
            }),
            "_get_transfer_channel" => {
                answer!(Multi, i64, |peer, _| i64::from(
                    peer.channel.load(Ordering::Relaxed)
                ))
            }
            "_set_transfer_mode" => answer!(Multi, (), |peer, arguments| {
                match arguments.get::<i64>(0) {
                    0 => peer.mode.set(TransferMode::Unreliable),
                    1 => peer.mode.set(TransferMode::UnreliableOrdered),
                    2 => peer.mode.set(TransferMode::Reliable),
                    other => {
                        godot_error!("SteamMultiplayerPeer.transfer_mode: {other} is not 0 to 2");
                    }
                }
            }),
            "_get_transfer_mode" => answer!(Multi, i64, |peer, _| number(peer.mode.get())),
            "_set_target_peer" => answer!(Multi, (), |peer, arguments| peer
                .target
                .store(arguments.int(0), Ordering::Relaxed)),
            "_is_server" => answer!(Multi, bool, |peer, _| peer.peer.is_server()),
            "_close" => answer!(Multi, (), |peer, _| peer.close()),
            "_disconnect_peer" => answer!(Multi, (), |peer, arguments| {
                let (who, force) = (arguments.int(0), arguments.bool(1));
                // Who is gone already is.
                let _ = peer.peer.disconnect_peer(who, force);
            }),
            "_get_unique_id" => answer!(Multi, i64, |peer, _| i64::from(peer.peer.unique_id())),
            "_set_refuse_new_connections" => answer!(Multi, (), |peer, arguments| peer
                .peer
                .set_refuse_new_connections(arguments.bool(0))),
            "_is_refusing_new_connections" => {
                answer!(Multi, bool, |peer, _| peer.peer.refuses_new_connections())
            }
            "_is_server_relay_supported" => {
                answer!(Multi, bool, |peer, _| peer.peer.server_relay())
            }
            "_get_connection_status" => {
                answer!(Multi, i64, |peer, _| match peer.peer.status() {
                    PeerStatus::Disconnected => 0,
                    PeerStatus::Connecting => 1,
                    PeerStatus::Connected => 2,
                })
            }
            _ => None,
        }
    }
}

impl NativeClass for SteamPacketPeer {
    const NAME: &'static str = "SteamPacketPeer";
    const BASE: &'static str = "PacketPeerExtension";

    fn create(id: InstanceId) -> Arc<Self> {
        let peer = Arc::new(Self::new(id));
        live::PACKET.add(id, &peer);
        peer
    }

    fn destroy(&self) {
        self.gone();
    }

    fn virtual_of(name: &str) -> Option<Virtual> {
        match name {
            "_get_packet" => answer!(One, i64, |_, arguments| {
                arguments.give(&[]);
                GodotError::UNAVAILABLE.0
            }),
            "_put_packet" => answer!(One, i64, |peer, arguments| peer
                .put_packet(arguments.data().bytes())
                .0),
            "_get_available_packet_count" => answer!(One, i64, |_, _| 0),
            "_get_max_packet_size" => answer!(One, i64, |_, _| i64::from(length(MAX_PACKET))),
            _ => None,
        }
    }
}
