import { AccessGrant } from "./features/access/grant.entity.ts";
import { AccessReview, AccessReviewItem } from "./features/access-review/access-review.entity.ts";
import { Approval, ApprovalExclusion } from "./features/approvals/approval.entity.ts";
import {
  ArchiveCursor,
  DestroyedMessage,
  Message,
  Undecodable,
} from "./features/archive/archive.entity.ts";
import { CallBudgetRow } from "./features/archive/call-budget.entity.ts";
import { Conversation, ConversationParty } from "./features/archive/conversation.entity.ts";
import { ArchiveDay, BookRow } from "./features/archive/archive-books.entity.ts";
import { ConsentEvent } from "./features/archive/consent.entity.ts";
import { RepullRow } from "./features/archive/repull.entity.ts";
import { CalendarRow } from "./features/calendar/calendar.entity.ts";
import { HeldCallback, InboxRow } from "./features/callbacks/inbox.entity.ts";
import { CaseCard, Hit, SupervisionCase } from "./features/cases/case.entity.ts";
import { CustomerRow } from "./features/customers/customer.entity.ts";
import { Emergency } from "./features/emergency/emergency.entity.ts";
import { EvidencePackage } from "./features/evidence/evidence.entity.ts";
import { RuleSuggestion } from "./features/feedback/feedback.entity.ts";
import {
  NativeImportRow,
  NativeRuleRow,
  NativeSyncRow,
} from "./features/interception/interception.entity.ts";
import { LedgerCheckRow } from "./features/ledger/ledger-check.entity.ts";
import { KeyAge } from "./features/keys/key-age.entity.ts";
import { MediaRow } from "./features/media/media.entity.ts";
import { DepartmentRow, MemberRow } from "./features/members/member.entity.ts";
import { ReadingExtension, ShownMessage } from "./features/reading/extension.entity.ts";
import { ReadingRow, ReadingSubject } from "./features/reading/reading.entity.ts";
import { AlarmRow } from "./features/reconciliation/alarm.entity.ts";
import { LegalHold, PolicyRow, ResultRow, RunRow } from "./features/retention/retention.entity.ts";
import { PersonDestructionRow } from "./features/retention/person.entity.ts";
import { RuleScanRow, RuleScanSample } from "./features/rule-scans/rule-scan.entity.ts";
import {
  RuleRevision,
  RuleSetVersion,
  RuleSnapshot,
  RuleVersion,
  StoredRule,
} from "./features/rules/rule.entity.ts";
import { SessionRow, SignInAttemptRow } from "./features/sign-in/session.entity.ts";
import { Job } from "./platform/jobs/job.entity.ts";
import { DataKey } from "./platform/vault/data-key.entity.ts";
import { RingKey } from "./platform/vault/key-ring.entity.ts";
import { WecomToken } from "./wecom/wecom-token.entity.ts";

/** Every table that is read or written through TypeORM. */
export const entities = [
  AccessGrant,
  AccessReview,
  AccessReviewItem,
  AlarmRow,
  Approval,
  ApprovalExclusion,
  ArchiveCursor,
  ArchiveDay,
  CalendarRow,
  CallBudgetRow,
  CaseCard,
  ConsentEvent,
  Conversation,
  ConversationParty,
  CustomerRow,
  DataKey,
  DepartmentRow,
  DestroyedMessage,
  HeldCallback,
  Emergency,
  EvidencePackage,
  Hit,
  InboxRow,
  Job,
  BookRow,
  LedgerCheckRow,
  KeyAge,
  LegalHold,
  MediaRow,
  MemberRow,
  Message,
  NativeImportRow,
  NativeRuleRow,
  NativeSyncRow,
  PersonDestructionRow,
  PolicyRow,
  ReadingExtension,
  ReadingRow,
  ReadingSubject,
  RepullRow,
  ResultRow,
  RingKey,
  RuleRevision,
  RuleScanRow,
  RuleScanSample,
  RuleSetVersion,
  RuleSnapshot,
  RuleSuggestion,
  RuleVersion,
  RunRow,
  SessionRow,
  ShownMessage,
  SignInAttemptRow,
  StoredRule,
  SupervisionCase,
  Undecodable,
  WecomToken,
];
