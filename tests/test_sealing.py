"""Sealing: the vectors of the standards, several keys and ciphers side by side, keys in a file and in the environment."""

from __future__ import annotations

import os
import stat

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal import config
from portal.sealing import IndexKey, NotSealedByUs, Seal, SealingKey, ciphers, keys

K1, K2 = SealingKey("k1", bytes(range(32))), SealingKey("k2", bytes(range(32, 64)))


def sm3(data: bytes) -> str:
    made = hashes.Hash(hashes.SM3())
    made.update(data)
    return made.finalize().hex()


def test_sm3_says_what_gbt_32905_says():
    assert sm3(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3(b"abcd" * 16) == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


def test_sm4_says_what_gbt_32907_says():
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    assert Cipher(algorithms.SM4(key), modes.ECB()).encryptor().update(key).hex() == "681edf34d206965e86b3e94f536e4246"


def test_sm4_gcm_says_what_rfc_8998_says():
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    nonce = bytes.fromhex("00001234567800000000abcd")
    known = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plain = b"".join(bytes([n * 17]) * 8 for n in (0xA, 0xB, 0xC, 0xD, 0xE, 0xF, 0xE, 0xA))
    locked = bytes.fromhex(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    assert ciphers.Sm4().unlock(key, nonce + locked, known) == plain


def test_hmac_sm3_says_what_its_definition_says():
    inner = sm3(bytes(b ^ 0x36 for b in b"k".ljust(64, b"\0")) + b"abc")
    outer = sm3(bytes(b ^ 0x5C for b in b"k".ljust(64, b"\0")) + bytes.fromhex(inner))
    assert ciphers.keyed_hash("sm3", b"k", b"abc").hex() == outer


def test_this_openssl_has_every_cipher():
    assert all(ciphers.is_there(cipher) for cipher in ciphers.CIPHERS)


@pytest.mark.parametrize("cipher", ciphers.CIPHERS)
def test_what_was_sealed_opens_only_unchanged_and_in_its_place(cipher):
    seal = Seal([K1], cipher=cipher)
    sealed = seal.close("联系方式", "respondent.contact")
    assert seal.open(sealed, "respondent.contact") == "联系方式"
    assert seal.close("联系方式", "respondent.contact") != sealed
    with pytest.raises(NotSealedByUs):
        seal.open(sealed, "registration.contact")
    for at in range(len(sealed) - 3):
        changed = sealed[:at] + ("B" if sealed[at] != "B" else "C") + sealed[at + 1 :]
        with pytest.raises(NotSealedByUs):
            seal.open(changed, "respondent.contact")
    file = seal.close_bytes(b"\n.\x00bytes", "attachment.content")
    assert seal.open_bytes(file, "attachment.content") == b"\n.\x00bytes"
    for damaged in (file[:-1], file[:10], b"", b"k1", file[:-1] + bytes([file[-1] ^ 1])):
        with pytest.raises(NotSealedByUs):
            seal.open_bytes(damaged, "attachment.content")


def test_what_earlier_releases_sealed_still_opens():
    """As it was before there were several keys: AES-256-GCM, `k1.` and nonce, ciphertext, tag."""
    own = ciphers.keyed_hash("sha256", K1.secret, b"seal")
    locked = bytes(12) + AESGCM(own).encrypt(bytes(12), "旧值".encode(), b"respondent.contact")
    import base64

    old = "k1." + base64.urlsafe_b64encode(locked).decode()
    for seal in (Seal(K1.secret), Seal([K1, K2], cipher="sm4"), Seal([K2, K1])):
        assert seal.open(old, "respondent.contact") == "旧值"


def test_the_newest_key_seals_and_all_open():
    before, after = Seal([K1]), Seal([K1, K2])
    old, new = before.close("一", "c"), after.close("二", "c")
    gm = Seal([K1, K2], cipher="sm4").close("三", "c")
    assert [value.split(".")[0] for value in (old, new, gm)] == ["k1", "k2", "k2+sm4"]
    assert [after.open(value, "c") for value in (old, new, gm)] == ["一", "二", "三"]
    with pytest.raises(NotSealedByUs, match="no key"):
        before.open(new, "c")
    with pytest.raises(NotSealedByUs, match="no key"):
        Seal([K2]).open(old, "c")


def test_keyed_hashes_do_not_follow_the_keys():
    index = IndexKey(K1.secret)
    traces = {Seal(k, index, c).trace("x", "receipt") for k in ([K1], [K1, K2], [K2]) for c in ("aes", "sm4")}
    assert traces == {Seal(K1.secret).trace("x", "receipt")}
    assert Seal([K2], IndexKey(K1.secret, "sm3")).trace("x", "receipt") not in traces
    assert Seal([K1]).trace("x", "receipt") != Seal([K1]).trace("x", "basket")


@pytest.mark.parametrize("text", ["", "zz", "k1:12", "k1:" + "0" * 63, "0" * 64 + " k1:" + "1" * 64, "K1:" + "0" * 64])
def test_a_key_written_wrongly_is_refused_without_being_told(text):
    with pytest.raises(ValueError, match="sealing key") as told:
        keys.read(text)
    assert "0" * 20 not in str(told.value)


def test_keys_are_read_as_they_were_written():
    assert keys.read(keys.written([K1, K2])) == (K1, K2)
    assert keys.read(K1.secret.hex()) == (K1,)
    assert keys.new([K1, K2]).id == "k3"
    assert "secret" not in repr(K1)


def test_a_running_process_takes_up_a_key_from_its_file(tmp_path):
    file = tmp_path / "sealing_key"
    keys.keep(file, keys.written([K1]))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    running = Seal(keys.KeyFile(file), IndexKey(K1.secret))
    assert running.head == "k1"
    keys.keep(file, keys.written([K1, K2]))
    assert running.head == "k2"
    assert running.open(Seal([K1, K2]).close("新", "c"), "c") == "新"
    file.write_text("half a key")
    assert running.head == "k2"
    file.unlink()
    assert running.head == "k2"


def settings(folder, **environment):
    return config.from_environment({"PORTAL_DATA_DIR": str(folder), **environment})


def traces(found: config.Settings) -> str:
    return Seal(found.sealing_keys, found.index_key, found.sealing_cipher).trace("x", "receipt")


def test_a_new_installation_has_an_index_key_of_its_own(tmp_path):
    first, again = settings(tmp_path), settings(tmp_path)
    assert first.index_key == again.index_key
    assert first.index_key.secret != first.sealing_keys()[0].secret
    assert settings(tmp_path / "gm", PORTAL_SEALING_CIPHER="sm4").index_key.hash == "sm3"
    assert {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "secrets").iterdir()} == {
        "sealing_key": 0o600, "index_key": 0o600, "secret_key": 0o600,
    }  # fmt: skip


def test_an_older_installation_keeps_finding_its_receipts(tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "sealing_key").write_text(K1.secret.hex())
    found = settings(tmp_path)
    assert traces(found) == Seal(K1.secret).trace("x", "receipt")
    assert not (tmp_path / "secrets" / "index_key").exists()
    switched = settings(tmp_path, PORTAL_SEALING_CIPHER="sm4")
    assert traces(switched) == traces(found)


def test_the_first_key_does_not_go_before_its_index_is_kept(tmp_path):
    with pytest.raises(ValueError, match="PORTAL_INDEX_KEY is missing"):
        settings(tmp_path, PORTAL_SEALING_KEY=f"k2:{K2.secret.hex()}")
    found = settings(tmp_path, PORTAL_SEALING_KEY=f"k2:{K2.secret.hex()}", PORTAL_INDEX_KEY=K1.secret.hex())
    assert traces(found) == Seal(K1.secret).trace("x", "receipt")


def test_a_secret_may_stand_in_a_file(tmp_path):
    (tmp_path / "mail").write_text("correct horse\n")
    (tmp_path / "keys").write_text(keys.written([K1, K2]))
    found = settings(
        tmp_path, PORTAL_MAIL_PASSWORD_FILE=str(tmp_path / "mail"), PORTAL_SEALING_KEY_FILE=str(tmp_path / "keys")
    )
    assert found.mail_password == "correct horse"
    assert [key.id for key in found.sealing_keys()] == ["k1", "k2"]
    assert not (tmp_path / "secrets" / "sealing_key").exists()


def test_a_cipher_that_is_none_is_refused(tmp_path):
    with pytest.raises(ValueError, match="PORTAL_SEALING_CIPHER"):
        settings(tmp_path, PORTAL_SEALING_CIPHER="rot13")


def test_two_that_start_at_once_agree_on_their_secrets(tmp_path):
    import subprocess
    import sys

    program = (
        "from portal import config; s = config.from_environment();"
        "print(s.secret_key, s.index_key.secret.hex(), s.sealing_keys()[0].secret.hex())"
    )
    environment = {**os.environ, "PORTAL_DATA_DIR": str(tmp_path / "new")}
    started = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert len({process.communicate()[0] for process in started}) == 1
