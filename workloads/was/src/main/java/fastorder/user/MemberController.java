package fastorder.user;

import fastorder.idempotency.IdempotentWrites;
import fastorder.idempotency.IdempotentWrites.Created;
import fastorder.problem.Refusal;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.util.UUID;
import org.springframework.context.annotation.Profile;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Members of the chain. There is no login: a member's id is 122 random bits, and whoever knows it is that member.
 *
 * <p>A member is read from the writer: the page that has just registered one asks for it at once.
 */
@RestController
@RequestMapping("/user/members")
@Profile("user")
class MemberController {

    private final JdbcClient jdbc;
    private final IdempotentWrites writes;

    MemberController(JdbcClient jdbc, IdempotentWrites writes) {
        this.jdbc = jdbc;
        this.writes = writes;
    }

    record Registration(
            @NotBlank @Size(max = 40) String nickname, @NotNull @Email @Size(max = 120) String email) {}

    record Member(UUID id, String nickname, String email) {}

    @PostMapping
    ResponseEntity<String> register(
            @RequestHeader(IdempotentWrites.HEADER) @Pattern(regexp = IdempotentWrites.KEY_PATTERN) String key,
            @Valid @RequestBody Registration registration) {
        try {
            return writes.once(key, "/user/members", registration, () -> insert(registration));
        } catch (DuplicateKeyException exception) {
            throw Refusal.conflict("email-taken", "a member with this e-mail address exists");
        }
    }

    private Created insert(Registration registration) {
        Member member = new Member(UUID.randomUUID(), registration.nickname(), registration.email());
        jdbc.sql("INSERT INTO member (id, nickname, email) VALUES (?, ?, ?)")
                .params(member.id().toString(), member.nickname(), member.email())
                .update();
        return new Created(URI.create("/user/members/" + member.id()), member);
    }

    @GetMapping("/{id}")
    Member member(@PathVariable UUID id) {
        return jdbc.sql("SELECT id, nickname, email FROM member WHERE id = ?")
                .param(id.toString())
                .query((row, number) ->
                        new Member(UUID.fromString(row.getString("id")), row.getString("nickname"), row.getString("email")))
                .optional()
                .orElseThrow(() -> Refusal.notFound("member " + id));
    }
}
