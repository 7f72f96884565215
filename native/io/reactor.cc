#include "io/reactor.h"

#include <atomic>
#include <cstdlib>
#include <ctime>
#include <mutex>
#include <utility>
#include <uv.h>
#include <vector>

#include "base/mailbox.h"
#include "base/unique_fd.h"
#include "dist/notices.h"
#include "io/local_node.h"
#include "io/moderation.h"
#include "io/socket.h"
#include "io/turn.h"

namespace beamlink {
namespace {

// A channel with more than this to write does not wait for the end of the batch.
constexpr size_t kFlushBytes = size_t{128} * 1024;
constexpr size_t kKeptCommands = 8192;
constexpr uint64_t kReviewMs = 250;
constexpr size_t kMostReady = 64;
// What JavaScript's thread writes itself. More of it is quicker when both threads have a part.
constexpr size_t kFewFrames = 16;
constexpr size_t kSmallTapeBytes = size_t{32} * 1024;
// Linux adds its timer slack of 50 µs.
constexpr long kRestNs = 50'000;

void Must(int result) {
  if (result != 0) std::abort();
}

// More than a loop of libuv opens. When it comes to the end of the descriptors half way, it leaves
// its epoll descriptor open for ever (libuv 1.51), so that is found out before.
constexpr size_t kLoopPipes = 3;

Status AskForDescriptors() {
  UniqueFd asked[2 * kLoopPipes];
  for (size_t i = 0; i < kLoopPipes; i++) {
    uv_file ends[2];
    if (const int error = uv_pipe(ends, 0, 0); error != 0) {
      return SystemRefused("no event loop to be had", -error);
    }
    asked[2 * i] = UniqueFd(ends[0]);
    asked[2 * i + 1] = UniqueFd(ends[1]);
  }
  return Status::Ok();
}

bool AreFewAndSmall(const SendFrames& command) {
  return command.frames.size() <= kFewFrames && command.ticket == 0 &&
         command.tape.size() <= kSmallTapeBytes;
}

EncodeTape TapeOf(const SendFrames& command, const SendFrames::Frame& frame) {
  const size_t ops_bytes = command.ops_words * sizeof(int32_t);
  return {.ops = {reinterpret_cast<const int32_t*>(command.tape.data()), command.ops_words},
          .text = command.tape.span().subspan(ops_bytes),
          .shared = command.shared,
          .start = frame.start};
}

}  // namespace

class Reactor::Impl {
 public:
  Impl(EventQueue* events, AtomTable* atoms, const AtomBook* book)
      : commands_([this] { Wake(); }),
        events_(events),
        notices_(events, atoms),
        encoder_(book),
        scratch_(kScratchBytes),
        handshakes_(std::make_unique<HandshakePool>([this] { Wake(); })) {
    parts_ = {.loop = &loop_,
              .events = events,
              .atoms = atoms,
              .notices = &notices_,
              .encoder = &encoder_,
              .handshakes = handshakes_.get(),
              .direct_reads = &direct_reads_,
              .scratch = scratch_,
              .next_id = [this] { return NextId(); },
              .routes = &routes_,
              .meters = &meters_,
              .accepts = &accepts_};
    status_ = Start();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (!status_.ok()) return;
    stopping_ = true;
    Wake();
    uv_thread_join(&thread_);
  }

  const Status& status() const { return status_; }
  void Post(Command command) { commands_.Post(std::move(command)); }
  void Send(SendFrames command) {
    if (!AreFewAndSmall(command) || !WriteHere(command)) commands_.Post(std::move(command));
  }
  int DirectReadsFd() const { return direct_reads_.fd(); }
  void StartDirectReads() {
    const std::scoped_lock turn(turn_);
    direct_reads_.set_enabled(true);
  }
  // thread: JavaScript's
  bool ReadHere() {
    uint32_t ready[kMostReady];
    const size_t count = direct_reads_.Ready(ready);
    const std::scoped_lock turn(turn_);
    for (size_t i = 0; i < count; i++) {
      Connection* connection = Route(ready[i]);
      if (connection == nullptr || !connection->is_direct()) continue;
      if (Status why = connection->ReadHere(); !why.ok()) {
        commands_.Post(EndChannel{ready[i], why});
      } else if (!connection->is_direct()) {
        commands_.Post(WatchChannel{ready[i]});
      }
    }
    return events_->Claim();
  }
  uint32_t NextId() { return ++last_id_; }
  bool Measure(uint32_t channel, MeterReading* reading) { return meters_.Read(channel, reading); }

 private:
  // After a failure nothing is left to be closed.
  //   thread: JavaScript's
  Status Start() {
    if (Status why = AskForDescriptors(); !why.ok()) return why;
    if (const int error = uv_loop_init(&loop_); error != 0) {
      return SystemRefused("no event loop to be had", -error);
    }
    ShareTurns(&loop_, &turn_);
    if (const int error = uv_async_init(
            &loop_, &wake_, [](uv_async_t* handle) { static_cast<Impl*>(handle->data)->OnWake(); });
        error != 0) {
      Must(uv_loop_close(&loop_));
      return SystemRefused("no event loop to be had", -error);
    }
    wake_.data = this;
    Must(uv_prepare_init(&loop_, &turn_end_));
    turn_end_.data = this;
    Must(uv_prepare_start(
        &turn_end_, [](uv_prepare_t* handle) { static_cast<Impl*>(handle->data)->EndTurn(); }));
    Must(uv_timer_init(&loop_, &review_));
    review_.data = this;
    const int error = uv_thread_create(
        &thread_, [](void* self) { static_cast<Impl*>(self)->Run(); }, this);
    if (error == 0) return Status::Ok();
    Stop();
    Run();
    return SystemRefused("no thread to be had", -error);
  }

  void Wake() { uv_async_send(&wake_); }

  void Run() {
    uv_run(&loop_, UV_RUN_DEFAULT);
    Must(uv_loop_close(&loop_));
  }

  // Before the loop waits.
  void EndTurn() {
    events_->Announce();
    const auto [records, bytes] = Pushed();
    if (!moderation_.ShouldRest(uv_hrtime(), records, bytes)) return;
    const timespec rest = {0, kRestNs};
    (void)::nanosleep(&rest, nullptr);
  }

  EventQueue::Pushed Pushed() {
    const auto turn = TakeTurn(&loop_);
    return events_->pushed();
  }

  void StartReviews() {
    if (uv_is_active(reinterpret_cast<uv_handle_t*>(&review_)) != 0) return;
    Must(uv_timer_start(
        &review_, [](uv_timer_t* handle) { static_cast<Impl*>(handle->data)->OnReview(); },
        kReviewMs, 0));
  }

  void OnReview() {
    const auto turn = TakeTurn(&loop_);
    bool any = false;
    for (const auto& [channel, connection] : routes_) {
      connection->ReviewDirectReads();
      any = any || connection->is_direct();
    }
    if (any) StartReviews();
  }

  void OnWake() {
    const auto turn = TakeTurn(&loop_);
    if (stopping_) return Stop();
    commands_.Take(&batch_);
    for (Command& command : batch_) {
      std::visit([this](auto& given) { On(given); }, command);
    }
    batch_.clear();
    if (batch_.capacity() > kKeptCommands) batch_.shrink_to_fit();
    FlushAll();
    handshakes_->Reap();
  }

  // False, and nothing done, while the reactor has its turn or has yet to do what was posted
  // before.
  //   thread: JavaScript's
  bool WriteHere(const SendFrames& command) {
    const std::unique_lock turn(turn_, std::try_to_lock);
    if (!turn.owns_lock() || !commands_.empty()) return false;
    for (const SendFrames::Frame& frame : command.frames) {
      Connection* connection = Route(frame.channel);
      if (connection == nullptr) continue;
      if (!connection->wants_flush()) unflushed_.push_back(frame.channel);
      const Status why = connection->Queue(TapeOf(command, frame), frame.cost, command.ticket);
      if (!why.ok()) commands_.Post(EndChannel{frame.channel, why});
    }
    for (const uint32_t channel : unflushed_)
      WriteHere(channel);
    unflushed_.clear();
    // What was written may have to be told.
    events_->Announce();
    return true;
  }

  void WriteHere(uint32_t channel) {
    Connection* connection = Route(channel);
    if (!connection->wants_flush()) return;
    // What broke here breaks there again, where it is dealt with.
    if (!connection->Write().ok() || connection->blocked()) commands_.Post(WatchChannel{channel});
  }

  // The loop ends when its last handle is closed.
  void Stop() {
    nodes_.clear();
    handshakes_.reset();
    uv_close(reinterpret_cast<uv_handle_t*>(&wake_), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&turn_end_), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&review_), nullptr);
  }

  LocalNode* Node(uint32_t id) {
    const auto found = nodes_.find(id);
    return found == nodes_.end() ? nullptr : found->second.get();
  }
  Connection* Route(uint32_t channel) {
    const auto found = routes_.find(channel);
    return found == routes_.end() ? nullptr : found->second;
  }

  void On(const OpenNode& command) {
    nodes_.emplace(command.node, std::make_unique<LocalNode>(command, &parts_));
  }
  void On(const AskBeforeAccept& command) {
    if (LocalNode* node = Node(command.node)) node->AskBeforeAccept(command.ask);
  }
  void On(const Answer& command) {
    if (LocalNode* node = Node(command.node)) node->Answer(command);
  }
  void On(const SetCookie& command) {
    if (LocalNode* node = Node(command.node)) node->SetPeerCookie(command.peer, command.cookie);
  }
  void On(const Listen& command) {
    if (LocalNode* node = Node(command.node)) node->Listen(command);
  }
  void On(const Dial& command) {
    LocalNode* node = Node(command.node);
    if (node != nullptr) return node->Dial(command);
    notices_.DialFailed(command.channel, {StatusCode::kClosed, "the node is closed"});
  }
  void On(DialThrough& command) {
    LocalNode* node = Node(command.dial.node);
    if (node != nullptr) return node->Dial(command.dial, std::move(command.transport));
    notices_.DialFailed(command.dial.channel, {StatusCode::kClosed, "the node is closed"});
  }
  void On(AcceptThrough& command) {
    LocalNode* node = Node(command.node);
    if (node != nullptr) node->Accept(&command);
  }
  void On(const SendFrames& command) {
    for (const SendFrames::Frame& frame : command.frames)
      Queue(command, frame);
  }
  void Queue(const SendFrames& command, const SendFrames::Frame& frame) {
    Connection* connection = Route(frame.channel);
    if (connection == nullptr) {
      if (command.ticket != 0) notices_.Released(frame.channel, command.ticket);
      return;
    }
    if (!connection->wants_flush()) unflushed_.push_back(frame.channel);
    connection->Send(TapeOf(command, frame), frame.cost, command.ticket);
    // Sending may have ended it.
    connection = Route(frame.channel);
    if (connection != nullptr && connection->unwritten() >= kFlushBytes) connection->Flush();
  }
  void On(const Credit& command) {
    if (Connection* connection = Route(command.channel)) connection->Credit(command.bytes);
  }
  void On(const SetUrgent& command) {
    if (Connection* connection = Route(command.channel)) connection->SetUrgent(command.urgent);
  }
  void On(const Drain& command) {
    if (Connection* connection = Route(command.channel)) connection->Drain(command.below);
  }
  void On(const CloseChannel& command) {
    if (Connection* connection = Route(command.channel)) return connection->Close();
    for (const auto& [id, node] : nodes_) {
      if (node->GiveUpDial(command.channel)) return;
    }
  }
  void On(const WatchChannel& command) {
    if (Connection* connection = Route(command.channel)) connection->Flush();
  }
  void On(const EndChannel& command) {
    if (Connection* connection = Route(command.channel)) connection->End(command.why);
  }
  void On(const CloseNode& command) { nodes_.erase(command.node); }
  void On(const RenewAtoms&) {
    parts_.atoms->Renew();
    notices_.AtomsRenewed();
  }

  // One writev per channel for all that the batch brought.
  void FlushAll() {
    for (const uint32_t channel : unflushed_) {
      Connection* connection = Route(channel);
      if (connection != nullptr && connection->wants_flush()) connection->Flush();
    }
    unflushed_.clear();
  }

  Mailbox<Command> commands_;
  EventQueue* const events_;
  std::atomic<uint32_t> last_id_ = 0;
  std::atomic<bool> stopping_ = false;
  Meters meters_;
  Status status_;

  uv_loop_t loop_ = {};
  uv_async_t wake_ = {};
  // Runs before the loop sleeps.
  uv_prepare_t turn_end_ = {};
  uv_timer_t review_ = {};
  uv_thread_t thread_ = {};

  Moderation moderation_;

  // Whoever has it, owns what follows.
  std::mutex turn_;
  std::vector<Command> batch_;
  Notices notices_;
  TapeEncoder encoder_;
  std::vector<uint8_t> scratch_;
  DirectReads direct_reads_{[this] { StartReviews(); }};
  std::unordered_map<uint32_t, Connection*> routes_;
  std::vector<uint32_t> unflushed_;
  std::unique_ptr<HandshakePool> handshakes_;
  PendingAccepts accepts_;
  ReactorParts parts_;
  std::map<uint32_t, std::unique_ptr<LocalNode>> nodes_;
};

Reactor::Reactor(EventQueue* events, AtomTable* atoms, const AtomBook* book)
    : impl_(std::make_unique<Impl>(events, atoms, book)) {}
Reactor::~Reactor() = default;

const Status& Reactor::status() const {
  return impl_->status();
}
void Reactor::Post(Command command) {
  impl_->Post(std::move(command));
}
void Reactor::Send(SendFrames frames) {
  impl_->Send(std::move(frames));
}
int Reactor::DirectReadsFd() const {
  return impl_->DirectReadsFd();
}
void Reactor::StartDirectReads() {
  impl_->StartDirectReads();
}
bool Reactor::ReadHere() {
  return impl_->ReadHere();
}
bool Reactor::Measure(uint32_t channel, MeterReading* reading) {
  return impl_->Measure(channel, reading);
}
uint32_t Reactor::NextId() {
  return impl_->NextId();
}

}  // namespace beamlink
