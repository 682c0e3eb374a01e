using System.Text;
using MemoryAspire.Cli.Import;

namespace MemoryAspire.Cli.Tests;

public class ImportFormatTests
{
    private const string Conversation = """
        { "sample_id": "conv-1", "qa": [], "conversation": { "speaker_a": "Ada", "speaker_b": "Bob",
          "session_10": [ { "speaker": "Bob", "dia_id": "D10:1", "text": "Last." } ],
          "session_2_date_time": "soon",
          "session_2": [ { "speaker": "Bob", "dia_id": "D2:1", "text": "Look!", "blip_caption": "a photo of a cat" }, { "speaker": "Bob" } ],
          "session_1_date_time": "1:56 pm on 8 May, 2023",
          "session_1": [ { "speaker": "Ada", "dia_id": "D1:1", "text": "Grüße, \"Bob\" 🎉" } ] } }
        """;

    [Theory]
    [InlineData(Conversation)]
    [InlineData("[" + Conversation + "]")]
    public async Task A_conversation_is_one_memory_per_turn_in_the_order_of_sessions(string file)
    {
        var items = await ReadAsync("c.json", file);
        Assert.Equal(["conv-1 D1:1", "conv-1 D2:1", "conv-1 session_2 turn 2", "conv-1 D10:1"], items.Select(item => item.At));
        Assert.Equal("""{"content":"Ada: Grüße, \"Bob\" \uD83C\uDF89","scope":{"user":"conv-1","session":"session_1"},"metadata":{"speaker":"Ada","dia_id":"D1:1","session_date_time":"1:56 pm on 8 May, 2023","date":"2023-05-08T13:56:00"}}""", Body(items[0]));
        Assert.Equal("""{"content":"Bob: Look! [shares a photo of a cat]","scope":{"user":"conv-1","session":"session_2"},"metadata":{"speaker":"Bob","dia_id":"D2:1","session_date_time":"soon"}}""", Body(items[1]));
        Assert.Contains("text is missing", items[2].Error, StringComparison.Ordinal);
        Assert.Equal("""{"content":"Bob: Last.","scope":{"user":"conv-1","session":"session_10"},"metadata":{"speaker":"Bob","dia_id":"D10:1"}}""", Body(items[3]));
    }

    [Fact]
    public async Task What_is_no_conversation_is_said_where_it_stands()
    {
        var items = await ReadAsync("c.json", $$"""[ 1, {{Conversation}}, { "sample_id": "x" } ]""");
        Assert.Equal(["conversation 1", "conv-1 D1:1", "conv-1 D2:1", "conv-1 session_2 turn 2", "conv-1 D10:1", "x"], items.Select(item => item.At));
        Assert.NotNull(items[0].Error);
        Assert.NotNull(items[^1].Error);
    }

    [Fact]
    public async Task Lines_keep_their_numbers_and_what_only_the_service_can_set_is_left_out()
    {
        var items = await ReadAsync("m.ndjson", "\uFEFF{\"content\":\"ä🎉\",\"metadata\":{\"n\":1.50,\"id\":7}}\r\n\n  \n{\"id\":\"0198\",\"version\":3,\"createdAt\":\"x\",\"updatedAt\":\"y\",\"content\":\"b\",\"expiresAt\":null}\n[1]\n{\"content\n{\"content\":\"c\",\"content\":\"d\"}\n{\"content\":\"last\"}");
        Assert.Equal(["line 1", "line 4", "line 5", "line 6", "line 7", "line 8"], items.Select(item => item.At));
        Assert.Equal("""{"content":"ä🎉","metadata":{"n":1.50,"id":7}}""", Body(items[0]));
        Assert.Equal("""{"content":"b","expiresAt":null}""", Body(items[1]));
        Assert.All(items[2..5], item => Assert.NotNull(item.Error));
        Assert.Equal("""{"content":"last"}""", Body(items[5]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n \r\n")]
    public async Task An_empty_file_has_no_memories(string file) => Assert.Empty(await ReadAsync("m.ndjson", file));

    [Theory]
    [InlineData("m.json", """{"content":"a"}""" + "\n" + """{"content":"b"}""")]
    [InlineData("m.txt", """{"content":"a"}""" + "\n" + """{"content":"b"}""" + "\n")]
    [InlineData("m", "\n" + """{"content":"a"}""" + "\r\n" + """{"content":"b"}""")]
    public async Task The_content_decides_where_the_name_does_not(string name, string file) =>
        Assert.Equal(["""{"content":"a"}""", """{"content":"b"}"""], (await ReadAsync(name, file)).Select(Body));

    [Fact]
    public void A_line_that_is_not_utf8_is_refused() =>
        Assert.NotNull(Ndjson.Parse("line 1", (byte[])[.. "{\"content\":\""u8, 0xC3, 0x28, .. "\"}"u8]).Error);

    [Fact]
    public void A_field_whose_name_is_half_a_character_is_refused() => Assert.NotNull(Ndjson.Parse("line 1", """{"\ud83c":1}"""u8.ToArray()).Error);

    [Fact]
    public async Task A_file_larger_than_every_buffer_is_read_line_by_line()
    {
        var lines = Enumerable.Range(0, 5000).Select(i => $$"""{"content":"{{new string('x', i % 700)}}{{i}}"}""").ToList();
        Assert.Equal(lines, (await ReadAsync("m.ndjson", string.Join('\n', lines))).Select(Body));
    }

    private static string Body(ImportItem item)
    {
        Assert.Null(item.Error);
        return Encoding.UTF8.GetString(item.Body.Span);
    }

    private static async Task<List<ImportItem>> ReadAsync(string name, string content)
    {
        using var shell = new Shell();
        var source = await ImportFile.OpenAsync(shell.Write(name, content), TestContext.Current.CancellationToken);
        var items = await source.Items.ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(source.Count, items.Count);
        return items;
    }
}
