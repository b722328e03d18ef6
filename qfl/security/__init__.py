"""Who may take part and what proves it: keys, roster, signed envelopes, claims, sealing."""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.security.applications import (
        blob as blob,
        blobs as blobs,
        number as number,
        read_fields as read_fields,
        text as text,
    )
    from qfl.security.audit.audit import Audit as Audit, verified_entries as verified_entries
    from qfl.security.audit.witness import ENDING as ENDING, keep as keep
    from qfl.security.cbor import decode as decode
    from qfl.security.challenge_response import (
        CHALLENGE_BYTES as CHALLENGE_BYTES,
        prove_presence as prove_presence,
        verify_presence as verify_presence,
    )
    from qfl.security.claims import (
        BroadcastClaims as BroadcastClaims,
        UpdateClaims as UpdateClaims,
        config_digest as config_digest,
        encode as encode,
        metrics_digest as metrics_digest,
        tensor_digest as tensor_digest,
    )
    from qfl.security.classical import CLASSICAL as CLASSICAL, generate_classical as generate_classical
    from qfl.security.derived_enrolment import enrol_derived as enrol_derived
    from qfl.security.envelope import (
        BROADCAST as BROADCAST,
        CKKS_OPENED as CKKS_OPENED,
        MASK_BOXES as MASK_BOXES,
        MODEL as MODEL,
        TEMPLATE as TEMPLATE,
        UPDATE as UPDATE,
        Unverified as Unverified,
        envelope_sizes as envelope_sizes,
        open_envelope as open_envelope,
        read_envelope as read_envelope,
        sign as sign,
    )
    from qfl.security.homomorphic.ckks import (
        ROOM as ROOM,
        add_up as add_up,
        encrypted_bytes as encrypted_bytes,
        read_key as read_key,
        read_vector as read_vector,
        sum_of as sum_of,
        tenseal as tenseal,
    )
    from qfl.security.homomorphic.keyholder import (
        Keyholder as Keyholder,
        encrypt_update as encrypt_update,
        offer as offer,
        open_once as open_once,
        packed_keyholder as packed_keyholder,
        unpacked_keyholder as unpacked_keyholder,
    )
    from qfl.security.homomorphic.statements import (
        EncryptedSum as EncryptedSum,
        KeyCall as KeyCall,
        KeyOffer as KeyOffer,
        OpenedSum as OpenedSum,
    )
    from qfl.security.keyfile import passphrase_given as passphrase_given
    from qfl.security.keystore import (
        authority_key as authority_key,
        load_roster as load_roster,
        load_signer as load_signer,
        secret_path as secret_path,
    )
    from qfl.security.ledger import (
        COSE as COSE,
        Entry as Entry,
        FIRST as FIRST,
        SPENDING as SPENDING,
        TABLE as TABLE,
        accepted_updates as accepted_updates,
        rows_digest as rows_digest,
        sign_entry as sign_entry,
    )
    from qfl.security.ledger_chain import follow as follow, in_force as in_force, read_ledger as read_ledger
    from qfl.security.masking.fixed_point import FixedPoint as FixedPoint
    from qfl.security.masking.graph import default_threshold as default_threshold, num_holders as num_holders
    from qfl.security.masking.member import (
        Member as Member,
        advertise as advertise,
        agree as agree,
        join as join,
        mask as mask,
        packed_member as packed_member,
        share as share,
        unmask as unmask,
        unpacked_member as unpacked_member,
    )
    from qfl.security.masking.recovery import Collected as Collected, boxes_for as boxes_for, recover as recover
    from qfl.security.masking.statements import (
        Advert as Advert,
        Agreement as Agreement,
        Boxes as Boxes,
        Shares as Shares,
        Start as Start,
        Survivors as Survivors,
    )
    from qfl.security.membership import INVITATION_DAYS as INVITATION_DAYS, revoke as revoke
    from qfl.security.mixing import seal_mixed as seal_mixed, unseal_mixed as unseal_mixed
    from qfl.security.oqs import probe as probe
    from qfl.security.outside_git import keep_out as keep_out, require_uncommitted as require_uncommitted
    from qfl.security.profiles import PROFILES as PROFILES, SignatureProfile as SignatureProfile, profile as profile
    from qfl.security.reasons import rejection as rejection
    from qfl.security.roster import Roster as Roster, RosterRow as RosterRow, only_key as only_key
    from qfl.security.roster_blocks import block_path as block_path, with_blocks as with_blocks
    from qfl.security.sample_statements import (
        SampleCall as SampleCall,
        SampleReport as SampleReport,
        open_call as open_call,
        verify_report as verify_report,
    )
    from qfl.security.sealing import (
        HYBRID as HYBRID,
        SealKey as SealKey,
        context_info as context_info,
        new_seal_key as new_seal_key,
        seal as seal,
        unseal as unseal,
    )
    from qfl.security.session import (
        NO_SEAL as NO_SEAL,
        Said as Said,
        Statement as Statement,
        from_client as from_client,
        from_server as from_server,
        packed as packed,
        require_session as require_session,
        signed as signed,
    )
    from qfl.security.signed_arrays import (
        as_fault as as_fault,
        read_signed as read_signed,
        write_signed as write_signed,
    )
    from qfl.security.signing import (
        LONGEST_KEY as LONGEST_KEY,
        PublicKey as PublicKey,
        Signer as Signer,
        generate as generate,
        verify as verify,
    )
    from qfl.security.updates import (
        Expected as Expected,
        Form as Form,
        ReplayGuard as ReplayGuard,
        answer as answer,
        form_of as form_of,
        sign_broadcast as sign_broadcast,
        sign_update as sign_update,
        verify_broadcast as verify_broadcast,
        verify_update as verify_update,
    )

__getattr__, __dir__ = attributes(__name__)
