/// What stands in for the softphone: it says what its buttons tell it to, and keeps what it is told.
enum SoftphonePage {
    static let text = """
        <!doctype html><title>softphone</title><link rel="icon" href="data:,">
        <p id="told"></p>
        <script>
        const event = (type, status, more) => ({ type: 'phone:' + type, data: {
            context: { status: 'online', user: 'j@acme.example', extension: '200', size: { width: 320, height: 460 } },
            id: 'p1', date: started, from: '+27821234567', to: '+27117654321', direction: 'inbound', status,
            duration: 0, wait: 0, total: 0, ...more } });
        const started = new Date().toISOString();
        const say = {
            logged: { type: 'logged', data: {} },
            odd: { type: 'phone:ringing', data: 'p1' },
            ringing: event('ringing', 'ringing', {}),
            accepted: event('accepted', 'answered', { wait: 1 }),
            terminated: event('terminated', 'answered', { wait: 1, duration: 2, total: 3 }),
        };
        for (const name of Object.keys(say)) {
            const button = document.createElement('button');
            button.id = name;
            button.textContent = name;
            button.onclick = () => window.parent.postMessage(say[name], '*');
            document.body.append(button);
        }
        addEventListener('message', ({ origin, data }) => {
            document.getElementById('told').textContent = origin + ' ' + JSON.stringify(data);
            if (data.type !== 'click2call') return;
            window.parent.postMessage(event('calling', 'ringing', { id: 'p2', direction: 'outbound', to: data.data.number }), '*');
        });
        </script>
        """
}

/// What stands in for a CRM: it has the agent's page in a frame, whose address is in its own fragment, and opens
/// sessions. `window.answer` is what it says: `sessionCreated`, `sessionRefused`, or nothing.
enum CRMPage {
    static let text = """
        <!doctype html><title>CRM</title><link rel="icon" href="data:,">
        <iframe id="agent" width="400" height="700" allow="camera; microphone"></iframe>
        <script>
        const frame = document.getElementById('agent');
        frame.src = location.hash.slice(1);
        window.asked = [];
        window.answer = 'sessionCreated';
        addEventListener('message', ({ source, origin, data }) => {
            if (source !== frame.contentWindow || data?.action !== 'createSession') return;
            asked.push({ origin, ...data });
            const words = answer === 'sessionCreated' ? { sessionId: 's-1' } : { reason: 'ten are open' };
            if (answer) source.postMessage({ type: 'ctid', action: answer, data: words }, origin);
        });
        window.forge = (message) => frame.contentWindow.postMessage(message, '*');
        </script>
        """
}
